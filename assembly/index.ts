// Every kernel of the WASM backend: see docs/design/kernels.md for what each takes and does.
export * from "./support/version";
