import kernelsBase64 from "../../../build/kernels.wasm";
import { BackendError } from "../../core/errors.ts";
import type { Kernel } from "./interpreter.ts";

/** Version of docs/design/kernels.md that this backend speaks. */
const conventionVersion = 1;

/** Pages that the kernels' static data may take; instantiation fails if it were more. */
export const staticPages = 16;

let compiled: Promise<WebAssembly.Module> | undefined;

function kernelModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(
    Uint8Array.from(atob(kernelsBase64), (character) => character.charCodeAt(0)),
  );
  return compiled;
}

/** The kernels of the embedded binary, bound to a memory. */
export interface KernelTable {
  readonly names: readonly string[];
  readonly functions: readonly Kernel[];
  /** First byte behind the kernels' static data. */
  readonly heapBase: number;
}

/** Instantiates the embedded kernels. */
export async function instantiateKernels(memory: WebAssembly.Memory): Promise<KernelTable> {
  const { exports } = await WebAssembly.instantiate(await kernelModule(), { env: { memory } });
  const { conventionVersion: version, heapBase, ...others } = exports;
  const fits = typeof version === "function" && version() === conventionVersion;
  if (!fits || typeof heapBase !== "function") {
    throw new BackendError("the kernels belong to another version", {
      expected: `calling convention ${conventionVersion}`,
      fix: "Build the kernels again: npm run build.",
    });
  }
  const entries = Object.entries(others).flatMap(([name, value]) =>
    typeof value === "function" ? [[name, value as Kernel] as const] : [],
  );
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    names: entries.map(([name]) => name),
    functions: entries.map(([, kernel]) => kernel),
    heapBase: heapBase(),
  };
}
