/** What a compiled function of a language model needs, known without running it. */
import { setBackend } from "../../src/ir/backend.ts";
import type { Program } from "../../src/ir/program.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { planProgram } from "../../src/plan/index.ts";
import { reformerModel, runKeys, type TrainConfig } from "../../src/training/index.ts";
import { target, zeroBackend } from "../support/model-plans.ts";
import { counted } from "./counters.ts";

export const compiledFunctions = ["trainStep", "evaluate", "predict"] as const;

export type FunctionName = (typeof compiledFunctions)[number];

export interface PlanFootprint {
  /** Bytes of the arena at the peak. */
  readonly peak: number;
  readonly flops: number;
  /** Bytes read and written by the steps. */
  readonly moved: number;
  readonly functions: number;
  /** Steps of all functions, each counted once however often it runs. */
  readonly steps: number;
  /** Equations recorded while tracing, and left in all functions when they are compiled. */
  readonly traced: number;
  readonly prepared: number;
}

/** Traces and plans one function of the model that a configuration describes; nothing is computed. */
export function footprintOf(config: TrainConfig, name: FunctionName): PlanFootprint {
  // What arguments are checked by is traced once for a configuration, whichever function comes first.
  capturePrograms();
  callOf(config, "predict")();
  const programs = capturePrograms();
  const call = callOf(config, name);
  const { traced } = counted(call).work;
  const program = programs.get(name);
  if (!program) throw new Error(`no ${name} was compiled`);
  const { result: plan, work } = counted(() => planProgram(program, target));
  return {
    peak: plan.main.frameBytes,
    flops: plan.main.flops,
    moved: plan.main.bytes,
    functions: plan.functions.length,
    steps: plan.functions.reduce((sum, { steps }) => sum + steps.length, 0),
    traced,
    prepared: work.prepared,
  };
}

/** The programs that are compiled from now on, by the names under which they are called; all results are zeros. */
function capturePrograms(): ReadonlyMap<string, Program> {
  const programs = new Map<string, Program>();
  setBackend({
    ...zeroBackend,
    compile: (program) => {
      const executable = zeroBackend.compile(program);
      return {
        report: executable.report,
        run: (inputs, donated, where) => {
          programs.set(where, program);
          return executable.run(inputs, donated, where);
        },
      };
    },
  });
  return programs;
}

function callOf(config: TrainConfig, name: FunctionName): () => unknown {
  const model = reformerModel(config);
  const keys = runKeys(1);
  const state = model.init(keys.initial);
  const { batch, length } = config.training;
  const zeros = (rows: number, columns: number): Tensor =>
    tensorFrom("i32", [rows, columns], new Int32Array(rows * columns));
  switch (name) {
    case "trainStep":
      return () => model.step(state, zeros(batch, length + 1), keys.step(0));
    case "evaluate":
      return () => model.evaluate(state, zeros(batch, length + 1), keys.evaluation, {});
    case "predict":
      return () => model.predict(state, zeros(1, length), length - 1, keys.evaluation, {});
    default:
      return name satisfies never;
  }
}
