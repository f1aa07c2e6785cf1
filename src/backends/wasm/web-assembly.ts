/*
 * WebAssembly's objects in public declarations. TypeScript knows them only with its library "dom", which a program for
 * Node does not load; there the shapes given here take their place.
 */

/** A `WebAssembly.Memory`. */
export type WasmMemory = typeof globalThis extends {
  readonly WebAssembly: { readonly Memory: { readonly prototype: infer Memory } };
}
  ? Memory
  : { readonly buffer: ArrayBuffer; grow(pages: number): number };

/** A `WebAssembly.Module`, which shows nothing of itself. */
export type WasmModule = object;
