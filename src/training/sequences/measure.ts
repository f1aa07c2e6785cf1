import { NonFiniteError } from "../../core/errors.ts";
import { checkFinite } from "../../core/finite.ts";
import type { Tensor } from "../../core/tensor.ts";
import { toHost } from "../../core/to-host.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import type { PassOptions } from "../../reformer/models/run-stack.ts";
import { gatherSequences, type Sequence } from "./batch.ts";
import type { ScoreSequences, SequenceRun } from "./model.ts";

export interface SequenceMeasureOptions extends Pick<PassOptions, "rounds" | "ablation"> {
  /** u32[2]. */
  readonly key: Tensor;
  /** Called between calls of the model; may wait. */
  readonly breathe?: () => Promise<void>;
}

export interface SequenceMeasurement {
  /** Of each token that is asked for. */
  readonly bits: number;
  /** Share of tokens that are asked for whose likeliest one was right. */
  readonly accuracy: number;
  /** Share of sequences in which all were. */
  readonly exact: number;
  readonly sequences: number;
  /** Bits of each sequence's own tokens on average, in their order. */
  readonly each: readonly number[];
}

/** How well sequences are predicted. Sums in float64, in their order. */
export async function measureSequences(
  score: ScoreSequences,
  params: ReformerParams,
  sequences: readonly Sequence[],
  { training: { batch, length }, model }: SequenceRun,
  { key, breathe, ...pass }: SequenceMeasureOptions,
): Promise<SequenceMeasurement> {
  checkFinite(params, "measure");
  let [nats, right, asked, exact] = [0, 0, 0, 0];
  const each: number[] = [];
  for (let first = 0; first < sequences.length; first += batch) {
    const group = sequences.slice(first, first + batch);
    const scored = await toHost(score(params, gatherSequences(group, length, batch), key, pass));
    checkStreams(scored.health, "measure", model.layers);
    const [losses, tokens] = [scored.losses.words(), scored.tokens.words()];
    group.forEach(({ targets }, row) => {
      let [own, hits, count] = [0, 0, 0];
      for (let i = 0; i < length; i++) {
        if (targets[i] < 0) continue;
        own += losses[row * length + i];
        count += 1;
        if (tokens[row * length + i] === targets[i]) hits += 1;
      }
      nats += own;
      right += hits;
      asked += count;
      if (hits === count) exact += 1;
      each.push(own / Math.LN2 / Math.max(1, count));
    });
    await breathe?.();
  }
  if (!Number.isFinite(nats)) {
    throw new NonFiniteError("the losses are not finite", { where: "measure", got: String(nats) });
  }
  const all = Math.max(1, asked);
  return {
    bits: nats / Math.LN2 / all,
    accuracy: right / all,
    exact: exact / Math.max(1, sequences.length),
    sequences: sequences.length,
    each,
  };
}
