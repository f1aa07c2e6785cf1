import { readFileSync } from "node:fs";
import type { Arithmetic } from "../../src/backends/wasm/arithmetic.ts";

/** A kernel's signature: address of the argument words, share, number of shares. */
export type Kernel = (args: number, part: number, parts: number) => unknown;

const files: Readonly<Record<Arithmetic, string>> = {
  strict: "../../build/kernels.wasm",
  relaxed: "../../build/kernels.relaxed.wasm",
};

const modules = new Map<Arithmetic, WebAssembly.Module>();

function moduleOf(arithmetic: Arithmetic): WebAssembly.Module {
  const known = modules.get(arithmetic);
  if (known) return known;
  const bytes = readFileSync(new URL(files[arithmetic], import.meta.url));
  const module = new WebAssembly.Module(bytes);
  modules.set(arithmetic, module);
  return module;
}

const unused = (): never => {
  throw new Error("kernels called one by one need no host");
};

/** The kernels on a shared memory, whose first 3 MiB are theirs. */
export function kernelsOn(
  memory: WebAssembly.Memory,
  arithmetic: Arithmetic = "strict",
): (name: string) => Kernel {
  const { exports } = new WebAssembly.Instance(moduleOf(arithmetic), {
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
