import { setTimeout } from "node:timers/promises";
import { createWasmBackend, type WasmOptions } from "../../src/backends/wasm/index.ts";
import { wordsOf } from "../../src/core/dtype.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { Tensor } from "../../src/core/tensor.ts";
import { setBackend, type Backend, type ExecutableReport } from "../../src/ir/backend.ts";
import type { Program } from "../../src/ir/program.ts";

/** A program as it was compiled for a call. */
export interface Observation {
  readonly program: Program;
  readonly report: ExecutableReport;
  readonly compileMilliseconds: number;
}

/** A backend that tells, by the name of the call, what it compiles. */
export interface ObservedBackend extends Backend {
  readonly seen: ReadonlyMap<string, Observation>;
}

/** @param computes whether programs run; otherwise results are zeros, all in one place */
export function observed(backend: Backend, computes: boolean): ObservedBackend {
  const seen = new Map<string, Observation>();
  return {
    ...backend,
    seen,
    compile: (program) => {
      const begin = performance.now();
      const executable = backend.compile(program);
      const compileMilliseconds = performance.now() - begin;
      const { report } = executable;
      return {
        report,
        run: (inputs, donated, where) => {
          seen.set(where, { program, report, compileMilliseconds });
          return computes ? executable.run(inputs, donated, where) : zerosOf(program);
        },
      };
    },
  };
}

/** A backend of its own that computes and tells, for the calls that follow; its threads have started. */
export async function startObserved(options: WasmOptions): Promise<ObservedBackend> {
  const backend = observed(await createWasmBackend(options), true);
  // Threads start in the meantime.
  await setTimeout(100);
  setBackend(backend);
  return backend;
}

let zeros = new ArrayBuffer(0);

const zerosOf = ({ outputs }: Program): readonly Tensor[] =>
  outputs.map(({ aval }) => {
    const size = sizeOf(aval.shape);
    if (zeros.byteLength < 4 * size) zeros = new ArrayBuffer(4 * size);
    return new Tensor(aval, wordsOf(aval.dtype, zeros, 0, size));
  });
