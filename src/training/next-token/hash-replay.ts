import { checkOptions } from "../../core/arguments.ts";
import { checkModel, checkRunnable } from "../kinds.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { HashBuckets } from "../../reformer/models/hash-buckets.ts";
import type { Task } from "../task/task.ts";
import { recordedBuckets, type HashReplay } from "./recorded-buckets.ts";
import type { StepMetrics, TrainableModel } from "./model.ts";
import type { StepValues, ValidationValues } from "./records.ts";
import type { NextTokenTask } from "./task.ts";

interface Replayed {
  readonly window: Tensor;
  readonly buckets: HashBuckets | undefined;
}

/**
 * The task of a language model whose steps record their hash buckets, or replay those of another run. Two backends round
 * differently, so that now and then a token that stands between two buckets falls into another one, and the runs part. With the
 * buckets of one replayed on the other they attend to the same tokens, and what is left between them are rounding errors.
 * Measurements hash anew.
 *
 * @param task - what `nextTokenTask` made of the same model
 * @example
 * import { init } from "reformax";
 * import { finish, nextTokenTask, reformerModel, train, trainConfig } from "reformax/training";
 * import { replayHashes } from "reformax/training";
 * import type { HashBuckets } from "reformax/reformer";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 128 } });
 * const text = new TextEncoder().encode("to be or not to be ".repeat(50));
 * const model = reformerModel(config);
 * const task = nextTokenTask({ model, config, data: { train: text } });
 * const run: HashBuckets[] = [];
 * const recorded = replayHashes(task, model, { record: (_, buckets) => run.push(buckets) });
 * const replayed = replayHashes(task, model, { replay: (step) => run[step] });
 * const losses: number[] = [];
 * for (const each of [recorded, replayed])
 *   await finish(train({ task: each, steps: 2 }), ({ metrics }) =>
 *     losses.push(metrics.bitsPerByte ?? NaN),
 *   );
 * console.log(run[1][1]?.shape, losses[3] === losses[1]); // => [ 1, 2, 1, 128 ] true
 */
export const replayHashes = <State>(
  task: NextTokenTask<State>,
  model: TrainableModel<State>,
  hashes: HashReplay,
): Task<State, StepValues, ValidationValues> => {
  checkRunnable(task, "replayHashes");
  checkModel(model, "replayHashes");
  checkOptions(hashes, { record: "function", replay: "function" }, "replayHashes");
  return withHashes(task, model, hashes);
};

const withHashes = <State>(
  task: NextTokenTask<State>,
  model: TrainableModel<State>,
  { record, replay }: HashReplay,
): Task<State, StepValues, ValidationValues> => ({
  ...task,
  batch: async (step): Promise<Replayed> => ({
    window: task.batch(step),
    buckets: await replay?.(step),
  }),
  step: (state, { window, buckets }: Replayed, key) =>
    model.step(state, window, key, { buckets, recordsBuckets: record !== undefined }),
  read: (metrics: StepMetrics, facts) => {
    record?.(facts.step - 1, recordedBuckets(metrics.buckets, "replayHashes"));
    return task.read(metrics, facts);
  },
});
