import { BackendError } from "../../../core/errors.ts";
import { sectionIds, withMemory } from "../binary.ts";
import type { KernelLibrary, LoadedLibrary } from "./library.ts";

/** What is wrong with a library, in the form of all messages. */
const refused = (
  { name }: KernelLibrary,
  problem: string,
  details: { readonly expected?: string; readonly got?: string; readonly fix?: string },
): BackendError => new BackendError(problem, { where: `kernels of ${name}`, ...details });

const signature = "(args: i32, part: i32, parts: i32): void";

/** A module that imports a kernel, and so cannot be linked with anything else: (import "" "" (func (param i32 i32 i32))). */
const kernelType = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 0x07, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x00],
    [0x02, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00],
  ].flat(),
);

/**
 * Compiles libraries for a kind of memory.
 * @param shared whether several threads share the memory
 * @throws BackendError when a module does not compile, is not of the form that {@link KernelLibrary} says, or lacks a kernel
 */
export const loadLibraries = (
  libraries: readonly KernelLibrary[],
  shared: boolean,
): Promise<readonly LoadedLibrary[]> =>
  Promise.all(libraries.map((library) => loadLibrary(library, shared)));

async function loadLibrary(library: KernelLibrary, shared: boolean): Promise<LoadedLibrary> {
  const asGiven = await compile(library, library.module);
  checkImports(library, asGiven);
  checkSections(library);
  const module = await compile(library, withMemory(library.module, shared));
  await checkKernels(library, module, shared);
  return { module, kernels: library.kernels };
}

async function compile(library: KernelLibrary, bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes.slice());
  } catch (error) {
    throw refused(library, "the module does not compile", {
      got: error instanceof Error ? error.message : String(error),
      fix: "Give the bytes of a WebAssembly module, as a compiler has written them.",
    });
  }
}

function checkImports(library: KernelLibrary, module: WebAssembly.Module): void {
  const imports = WebAssembly.Module.imports(module);
  const [first] = imports;
  const fits =
    imports.length === 1 &&
    first.kind === "memory" &&
    first.module === "env" &&
    first.name === "memory";
  if (fits) return;
  throw refused(library, "the module must import the memory, and nothing else", {
    expected: "the memory env.memory",
    got:
      imports.map(({ module: from, name, kind }) => `the ${kind} ${from}.${name}`).join(", ") ||
      "no imports",
    fix: "With AssemblyScript: asc --runtime stub --importMemory --use abort=.",
  });
}

/** By their numbers in the binary format. */
const unwelcome = new Map([
  [8, "a start function"],
  [11, "data of its own"],
]);

function checkSections(library: KernelLibrary): void {
  const got = sectionIds(library.module).flatMap((id) => unwelcome.get(id) ?? []);
  if (got.length === 0) return;
  throw refused(library, "the module would write into memory that is not its own", {
    expected: "functions alone",
    got: got.join(" and "),
    fix: "Kernels get all the memory they use as buffers: write numbers into the code, and ask for workspace in the recipe.",
  });
}

async function checkKernels(
  library: KernelLibrary,
  module: WebAssembly.Module,
  shared: boolean,
): Promise<void> {
  const memory = new WebAssembly.Memory({ initial: 0, maximum: 1, shared });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const functions = Object.keys(exports).filter((name) => typeof exports[name] === "function");
  for (const name of library.kernels) {
    if (!functions.includes(name)) {
      throw refused(library, `the module exports no function ${name}`, {
        expected: `${name}${signature}`,
        got: functions.join(", ") || "no functions",
      });
    }
    try {
      await WebAssembly.instantiate(kernelType.slice(), { "": { "": exports[name] } });
    } catch {
      throw refused(library, `the function ${name} is no kernel`, {
        expected: `${name}${signature}`,
        got: "a function of another type",
      });
    }
  }
}
