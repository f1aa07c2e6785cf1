import { NonFiniteError } from "../../core/errors.ts";
import { checkFinite } from "../../core/finite.ts";
import { tensorFrom } from "../../core/tensor.ts";
import { toHost } from "../../core/to-host.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import type { PassOptions } from "../../reformer/models/run-stack.ts";
import type { Tokens } from "../data/tokens.ts";
import { gatherWindows } from "../data/windows.ts";
import type { RunKeys } from "../run-keys.ts";
import type { MaskedConfig } from "./config.ts";
import type { FindHidden } from "./model.ts";

export interface MaskedMeasureOptions extends Pick<PassOptions, "rounds" | "ablation"> {
  readonly keys: RunKeys;
  /** Called between calls of the model; may wait. */
  readonly breathe?: () => Promise<void>;
}

export interface MaskedMeasurement {
  readonly bitsPerToken: number;
  /** Share of hidden tokens that were found: the likeliest one was right. */
  readonly accuracy: number;
  /** The same of whoever always names the token that was hidden most often. */
  readonly unigram: number;
  /** Tokens that were hidden. */
  readonly hidden: number;
}

/**
 * How well hidden tokens of a text are found, in windows of the length of training side by side. Which ones are hidden depends on the
 * seed and the place of a window alone. Sums in float64, in the order of the text.
 */
export async function measureMasked(
  find: FindHidden,
  params: ReformerParams,
  data: Tokens,
  { training: { batch, length }, model }: MaskedConfig,
  { keys, breathe, ...pass }: MaskedMeasureOptions,
): Promise<MaskedMeasurement> {
  checkFinite(params, "measure");
  const counts = new Map<number, number>();
  let [nats, right, hidden] = [0, 0, 0];
  for (let first = 0, call = 0; first < data.length; first += batch * length, call++) {
    const starts = Array.from({ length: batch }, (_, row) => first + row * length);
    const window = gatherWindows(data, starts, length - 1);
    const place = tensorFrom("i32", [], Int32Array.of(call));
    const found = await toHost(find(params, window, place, keys.evaluation, pass));
    checkStreams(found.health, "measure", model.layers);
    for (const loss of found.losses.words()) nats += loss;
    const tokens = found.tokens.words();
    found.targets.words().forEach((target, i) => {
      if (target < 0) return;
      hidden += 1;
      if (tokens[i] === target) right += 1;
      counts.set(target, (counts.get(target) ?? 0) + 1);
    });
    await breathe?.();
  }
  if (!Number.isFinite(nats)) {
    throw new NonFiniteError("the losses are not finite", { where: "measure", got: String(nats) });
  }
  const all = Math.max(1, hidden);
  const bitsPerToken = nats / Math.LN2 / all;
  const unigram = Math.max(0, ...counts.values()) / all;
  return { bitsPerToken, accuracy: right / all, unigram, hidden };
}
