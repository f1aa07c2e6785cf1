// Every kernel of the WASM backend: see docs/design/kernels.md for what each takes and does.
export * from "./support/version";
export * from "./kernels/copyStrided";
export * from "./kernels/copyWords";
export * from "./kernels/fill";
export * from "./kernels/iota";
export * from "./kernels/reduce";
