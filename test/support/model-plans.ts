/** Training steps of whole models as programs, and what plans them for the WASM kernels. */
import { configOf } from "../../bench/models.ts";
import { wordsOf } from "../../src/core/dtype.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { tensorFrom, Tensor } from "../../src/core/tensor.ts";
import { wasmTarget } from "../../src/backends/wasm/target.ts";
import { setBackend, type Backend } from "../../src/ir/backend.ts";
import type { Program } from "../../src/ir/program.ts";
import { runKeys, type TrainConfig } from "../../src/training/index.ts";
import { reformerModel } from "../../src/training/reformer-model.ts";
import type { JsonObject } from "../../src/edge/json.ts";
import { randomIntegers } from "./random-words.ts";

export { repeated } from "../../bench/models.ts";

/** The WASM kernels as the planner sees them, on one thread. */
export const oneThread = { threads: 1, parts: 1 } as const;
export const target = wasmTarget({ ...oneThread, allowReference: true });

/** A small Reformer; `model` and `training` change single values. */
export const modelConfig = (model: JsonObject = {}, training: JsonObject = {}): TrainConfig =>
  configOf({
    model: { positions: { kind: "axial", shape: [16, 64], widths: [64, 64] }, ...model },
    training: { length: 512, ...training },
  });

export interface Step {
  readonly program: Program;
  readonly inputs: readonly Tensor[];
}

const stepName = "trainStep";

/**
 * The compiled program of one training step and what it is called with. Everything, and the step itself, runs on
 * `backend`, which stays the current one.
 */
export function trainStepOf(config: TrainConfig, backend: Backend): Step {
  let step: Step | undefined;
  setBackend({
    ...backend,
    compile: (program) => {
      const executable = backend.compile(program);
      return {
        report: executable.report,
        run: (inputs, donated, where) => {
          const copies = inputs.map(copyOf);
          if (where === stepName) step = { program, inputs: copies };
          return executable.run(inputs, donated, where);
        },
      };
    },
  });
  const model = reformerModel(config);
  const keys = runKeys(1);
  const { batch, length } = config.training;
  const tokens = randomIntegers(batch * (length + 1), 0, 255, 5);
  const shape = [batch, length + 1];
  model.step(model.init(keys.initial), tensorFrom("i32", shape, tokens), keys.step(0));
  setBackend(backend);
  if (!step) throw new Error("no training step was compiled");
  return step;
}

const copyOf = (tensor: Tensor): Tensor => new Tensor(tensor.aval, tensor.dataSync());

/** Computes nothing: every result is zeros. Enough to trace what a model compiles. */
export const zeroBackend: Backend = {
  name: "zero",
  threads: { count: 1 },
  lost: new Promise(() => undefined),
  synchronize: () => Promise.resolve(),
  dispose: () => Promise.resolve(),
  compile: ({ outputs }) => ({
    report: {
      backend: "zero",
      plan: "",
      flops: 0,
      bytes: 0,
      peakBytes: 0,
      hostBytes: 0,
      largest: [],
    },
    run: () =>
      outputs.map(({ aval }) => {
        const buffer = new ArrayBuffer(4 * sizeOf(aval.shape));
        return new Tensor(aval, wordsOf(aval.dtype, buffer));
      }),
  }),
};
