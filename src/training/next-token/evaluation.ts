import { checkKinds, checkRecord, type KindsOf } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import { checkModel } from "../kinds.ts";
import { keyKind, tokensKind } from "../value-kinds.ts";
import { NonFiniteError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkFinite } from "../../core/finite.ts";
import { computeToHost } from "../../core/to-host.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import { evaluationPlan, gatherScored } from "../data/evaluation-plan.ts";
import type { Tokens } from "../data/tokens.ts";
import { unitOf } from "../data/tokens.ts";
import { recordedBuckets, type HashReplay } from "./recorded-buckets.ts";
import { bitsOf, type Bits } from "./records.ts";
import type { EvaluationOptions, TrainableModel } from "./model.ts";

export interface MeasureOptions extends Omit<EvaluationOptions, "buckets" | "recordsBuckets"> {
  /** Tokens that a window predicts. */
  readonly length: number;
  /** Distance of windows. */
  readonly stride: number;
  /** Windows per call of the model. */
  readonly batch: number;
  /** u32[2]. */
  readonly key: Tensor;
  /** Bytes of the text that the tokens are ids of: the loss is told per byte too. */
  readonly bytes?: number;
  /** Where the buckets of each call of the model go to, or come from, by the number of calls before. */
  readonly hashes?: HashReplay;
  /** Called between calls of the model with the share that is done; may wait. */
  readonly onProgress?: (share: number) => Promise<void>;
}

const measureKinds: KindsOf<MeasureOptions> = {
  length: "size",
  stride: "size",
  batch: "size",
  key: keyKind,
  rounds: orAbsent("size"),
  ablation: orAbsent("text"),
  hashes: orAbsent("object"),
  bytes: orAbsent("count"),
  onProgress: orAbsent("function"),
};

export interface Measurement extends Bits {
  /** Tokens predicted, each once. */
  readonly tokens: number;
}

/**
 * Bits per token of `data` under the context rule of {@link evaluationPlan}. Sums in float64, in
 * the order of the text.
 *
 * @throws NonFiniteError where a parameter is not finite, which it names, or the streams overflow or
 *   hold NaN
 * @example
 * import { init } from "reformax";
 * import { measure, reformerModel, runKeys, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const model = reformerModel(config);
 * const keys = runKeys(0);
 * const state = model.init(keys.initial);
 * const text = new TextEncoder().encode("to be or not to be ".repeat(10));
 * const windows = { length: 64, stride: 32, batch: 1 };
 * const measured = await measure(model, state, text, { ...windows, key: keys.evaluation });
 * console.log(measured.tokens, (measured.bitsPerByte ?? 0) > 7); // => 190 true
 */
export async function measure<State>(
  model: TrainableModel<State>,
  state: State,
  data: Tokens,
  options: MeasureOptions,
): Promise<Measurement> {
  const where = "measure";
  checkModel(model, where);
  checkKinds({ data: [data, tokensKind] }, where);
  checkRecord(options, measureKinds, "options", where);
  const { length, stride, batch, key, rounds, ablation, hashes, bytes } = options;
  const windows = evaluationPlan(data.length, length, stride);
  checkFinite(state, "measure");
  let nats = 0;
  for (let first = 0; first < windows.length; first += batch) {
    const group = windows.slice(first, first + batch);
    const tokens = gatherScored(data, group, length, batch);
    const call = first / batch;
    const given = await hashes?.replay?.(call);
    const recordsBuckets = hashes?.record !== undefined;
    const { losses, health, buckets } = await computeToHost(() =>
      model.evaluate(state, tokens, key, { rounds, ablation, buckets: given, recordsBuckets }),
    );
    hashes?.record?.(call, recordedBuckets(buckets, "measure"));
    checkStreams(health, "measure", model.layers);
    const nll = losses.words();
    group.forEach(({ scoreFrom, scoreTo }, row) => {
      for (let i = scoreFrom; i < scoreTo; i++) nats += nll[row * length + i];
    });
    await options.onProgress?.(Math.min(1, (first + batch) / windows.length));
  }
  if (!Number.isFinite(nats)) {
    throw new NonFiniteError("the losses are not finite", { where: "measure", got: String(nats) });
  }
  const unit = unitOf(data instanceof Uint8Array ? "bytes" : "u16le");
  return {
    ...(bytes !== undefined && bitsOf(nats / bytes, "byte")),
    ...bitsOf(nats / data.length, unit),
    tokens: data.length,
  };
}
