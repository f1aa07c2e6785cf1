import strictKernels from "../../../build/kernels.wasm";
import { BackendError } from "../../core/errors.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { decodeBase64 } from "./base64.ts";
import { withDifference } from "./difference.ts";
import { inflated, isModule } from "./inflate.ts";
import { forOrdinaryMemory } from "./binary.ts";
import { kernelsRefused } from "./engine.ts";
import type { KernelLibrary, LoadedLibrary } from "./libraries/library.ts";
import { loadLibraries } from "./libraries/load.ts";
import { checkNames } from "./libraries/names.ts";

/** Version of docs/design/kernels.md that this backend speaks. */
const conventionVersion = 4;

/** What the interpreter in the binary asks of the host: see assembly/interpreter/host.ts. */
export interface HostFunctions {
  readonly park: (address: number, value: number) => void;
  readonly callHost: (callback: number, addresses: number, count: number) => void;
  readonly now: () => number;
}

/** The functions of assembly/interpreter/. */
export interface Interpreter {
  /** Runs the plan that the control block describes, as thread number `thread`. */
  runPlan(thread: number): void;
  startRun(): void;
  waitForRun(last: number): number;
  leaveRun(): void;
  waitForOthers(others: number): void;
  abortRun(thread: number): number;
}

const interpreterNames: readonly (keyof Interpreter)[] = [
  "runPlan",
  "startRun",
  "waitForRun",
  "leaveRun",
  "waitForOthers",
  "abortRun",
];

/** The embedded binary, bound to a memory. */
export interface KernelInstance {
  readonly module: WebAssembly.Module;
  /** What plans call each kernel by: those of the binary, then those of libraries. */
  readonly numbers: ReadonlyMap<string, number>;
  /** For the other threads. */
  readonly libraries: readonly LoadedLibrary[];
  /** First byte behind the kernels' static data. */
  readonly heapBase: number;
  readonly interpreter: Interpreter;
}

/** Which of the embedded binaries, and for which kind of memory. */
export interface KernelChoice {
  readonly arithmetic: Arithmetic;
  /** Whether several threads share the memory. */
  readonly shared: boolean;
}

/** The package holds the relaxed binary as what differs from the strict one. */
async function embedded(arithmetic: Arithmetic): Promise<Uint8Array<ArrayBuffer>> {
  const strict = await inflated(decodeBase64(strictKernels));
  if (arithmetic === "strict") return strict;
  const { default: relaxed } = await import("../../../build/kernels.relaxed.wasm");
  const held = await inflated(decodeBase64(relaxed));
  return isModule(held) ? held : withDifference(strict, held);
}

const compiled = new Map<string, Promise<WebAssembly.Module>>();

const nameOf = ({ arithmetic, shared }: KernelChoice): string =>
  `${arithmetic}, ${shared ? "shared" : "ordinary"} memory`;

function kernelModule(choice: KernelChoice): Promise<WebAssembly.Module> {
  const { arithmetic, shared } = choice;
  const name = nameOf(choice);
  const known = compiled.get(name);
  if (known) return known;
  const module = embedded(arithmetic).then((bytes) =>
    WebAssembly.compile(shared ? bytes : forOrdinaryMemory(bytes)),
  );
  compiled.set(name, module);
  return module;
}

/** The module's functions on a memory. A refusal is not remembered: memory may be free later. */
async function instantiate(
  memory: WebAssembly.Memory,
  choice: KernelChoice,
  host: HostFunctions,
): Promise<{ readonly module: WebAssembly.Module; readonly exports: WebAssembly.Exports }> {
  try {
    const module = await kernelModule(choice);
    const { exports } = await WebAssembly.instantiate(module, { env: { memory, ...host } });
    return { module, exports };
  } catch (error) {
    compiled.delete(nameOf(choice));
    throw kernelsRefused(error);
  }
}

/**
 * Instantiates embedded kernels, and libraries beside them.
 * @throws BackendError when the engine refuses them, they belong to another version, or a library is not as it must be
 */
export async function instantiateKernels(
  memory: WebAssembly.Memory,
  choice: KernelChoice,
  libraries: readonly KernelLibrary[],
  host: HostFunctions,
): Promise<KernelInstance> {
  const { module, exports } = await instantiate(memory, choice, host);
  const { conventionVersion: version, heapBase, table, ...others } = exports;
  const fits =
    typeof version === "function" &&
    version() === conventionVersion &&
    interpreterNames.every((name) => typeof others[name] === "function");
  if (!fits || typeof heapBase !== "function" || !(table instanceof WebAssembly.Table)) {
    throw new BackendError("the kernels belong to another version", {
      expected: `calling convention ${conventionVersion}`,
      fix: "Build the kernels again: npm run build.",
    });
  }
  const notKernels: ReadonlySet<string> = new Set(interpreterNames);
  const own = Object.keys(others)
    .filter((name) => typeof others[name] === "function" && !notKernels.has(name))
    .sort();
  checkNames(libraries, own, ({ kernels }) => kernels, "a kernel");
  const loaded = await loadLibraries(libraries, choice.shared);
  const numbers = new Map(own.map((name, number) => [name, number]));
  for (const library of loaded) {
    const instance = new WebAssembly.Instance(library.module, {
      env: { memory },
    });
    for (const name of library.kernels) {
      // The same places as on the other threads: see serveThread.
      numbers.set(name, own.length + table.grow(1));
      table.set(table.length - 1, instance.exports[name]);
    }
  }
  return {
    module,
    numbers,
    libraries: loaded,
    heapBase: heapBase(),
    interpreter: others as unknown as Interpreter,
  };
}
