import { readFileSync } from "node:fs";

/** A kernel's signature: address of the argument words, share, number of shares. */
export type Kernel = (args: number, part: number, parts: number) => unknown;

const module = new WebAssembly.Module(
  readFileSync(new URL("../../build/kernels.wasm", import.meta.url)),
);

const unused = (): never => {
  throw new Error("kernels called one by one need no host");
};

/** The kernels on a shared memory, whose first 3 MiB are theirs. */
export function kernelsOn(memory: WebAssembly.Memory): (name: string) => Kernel {
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory, park: unused, callHost: unused, now: unused },
  });
  return (name) => {
    const kernel = exports[name];
    if (typeof kernel !== "function") throw new Error(`there is no kernel ${name}`);
    return kernel as Kernel;
  };
}

/** The kernels on a memory of their own of at least 64 pages. */
export function kernelInstance(pages: number): {
  readonly memory: WebAssembly.Memory;
  readonly kernel: (name: string) => Kernel;
} {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  return { memory, kernel: kernelsOn(memory) };
}
