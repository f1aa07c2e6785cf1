import kernelsBase64 from "../../../build/kernels.wasm";
import { BackendError } from "../../core/errors.ts";
import { forOrdinaryMemory } from "./binary.ts";

/** Version of docs/design/kernels.md that this backend speaks. */
const conventionVersion = 2;

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
  /** Kernels in the order of their numbers. */
  readonly names: readonly string[];
  /** First byte behind the kernels' static data. */
  readonly heapBase: number;
  readonly interpreter: Interpreter;
}

const embedded = (): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(kernelsBase64), (character) => character.charCodeAt(0));

const compiled = new Map<boolean, Promise<WebAssembly.Module>>();

function kernelModule(shared: boolean): Promise<WebAssembly.Module> {
  const known = compiled.get(shared);
  if (known) return known;
  const bytes = embedded();
  const module = WebAssembly.compile(shared ? bytes : forOrdinaryMemory(bytes));
  compiled.set(shared, module);
  return module;
}

/** Instantiates the embedded kernels for a shared or an ordinary memory. */
export async function instantiateKernels(
  memory: WebAssembly.Memory,
  shared: boolean,
  host: HostFunctions,
): Promise<KernelInstance> {
  const module = await kernelModule(shared);
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, ...host } });
  const { conventionVersion: version, heapBase, ...others } = exports;
  const fits =
    typeof version === "function" &&
    version() === conventionVersion &&
    interpreterNames.every((name) => typeof others[name] === "function");
  if (!fits || typeof heapBase !== "function") {
    throw new BackendError("the kernels belong to another version", {
      expected: `calling convention ${conventionVersion}`,
      fix: "Build the kernels again: npm run build.",
    });
  }
  const notKernels: ReadonlySet<string> = new Set(interpreterNames);
  return {
    module,
    names: Object.keys(others)
      .filter((name) => typeof others[name] === "function" && !notKernels.has(name))
      .sort(),
    heapBase: heapBase(),
    interpreter: others as unknown as Interpreter,
  };
}
