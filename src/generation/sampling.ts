import { checkKinds, checkSomeOf, type KindsOf } from "../core/arguments.ts";
import { orAbsent, type Kind } from "../core/kinds.ts";
import { NonFiniteError, ReformaxError } from "../core/errors.ts";

/** How to choose the next token; penalty, temperature and filters are applied in this order. */
export interface SamplingOptions {
  /**
   * What makes tokens that a text has already, prompt included, less likely: their logits are divided by it where they are positive and
   * multiplied by it where they are negative (Keskar et al. 2019, section 4.1, as HuggingFace's RepetitionPenaltyLogitsProcessor).
   * Above 0; 1, the default, changes nothing.
   */
  readonly repetitionPenalty?: number;
  /** Divides the logits: 0 always takes the most likely token, 1 samples from the model as it is. */
  readonly temperature: number;
  /** Keeps this many of the most likely tokens; absent keeps all. */
  readonly topK?: number;
  /** Keeps the smallest set of the most likely tokens whose probability reaches this; absent keeps all. */
  readonly topP?: number;
  /** Keeps the tokens that are at least this share as likely as the most likely one (Nguyen et al. 2024); absent or 0 keeps all. */
  readonly minP?: number;
}

/**
 * Probabilities of the tokens, in float64, after repetition penalty, temperature, top-k, top-p (nucleus sampling, Holtzman et al. 2020,
 * section 3.1) and min-p. Top-p measures the probabilities that are left after top-k. The most likely token always stays; among
 * equally likely ones the lower index comes first.
 *
 * @param seen the tokens of the text so far; only the repetition penalty reads them
 * @throws NonFiniteError when a logit is NaN or +Infinity, or when all are -Infinity
 * @example
 * import { nextTokenProbabilities } from "reformax/training";
 * const logits = [0, Math.log(3), Math.log(4)];
 * console.log([...nextTokenProbabilities(logits, { temperature: 1, topP: 0.5 })]); // => [ 0, 0, 1 ]
 */
export function nextTokenProbabilities(
  given: ArrayLike<number>,
  options: SamplingOptions,
  seen: Iterable<number> = [],
): Float64Array {
  const where = "nextTokenProbabilities";
  checkKinds({ logits: [given, "numbers"] }, where);
  checkSampling(options, where);
  const { temperature, topK = given.length, topP = 1, minP = 0, repetitionPenalty = 1 } = options;
  const logits = repetitionPenalty === 1 ? given : penalized(given, seen, repetitionPenalty);
  const order = Array.from(logits, (_, token) => token);
  order.sort((a, b) => logits[b] - logits[a] || a - b);
  const largest = logits[order[0]];
  if (!Number.isFinite(largest) || Array.from(logits).some(Number.isNaN)) {
    throw new NonFiniteError("the model's logits are not finite", {
      where,
      expected: "finite numbers",
      got: `${Array.from(logits).find((logit) => !Number.isFinite(logit))}`,
    });
  }
  const kept = order.slice(0, temperature === 0 ? 1 : topK);
  const weights = kept.map((token) =>
    token === order[0] ? 1 : Math.exp((logits[token] - largest) / temperature),
  );
  const likely = weights.filter((weight) => weight >= minP).length;
  const nucleus = Math.min(nucleusSize(weights, topP), likely);
  const total = sum(weights.slice(0, nucleus));
  const probabilities = new Float64Array(logits.length);
  for (let i = 0; i < nucleus; i++) probabilities[kept[i]] = weights[i] / total;
  return probabilities;
}

/** Logits with those of tokens that a text has already nearer to impossible, each once however often it is there. */
function penalized(
  logits: ArrayLike<number>,
  seen: Iterable<number>,
  penalty: number,
): Float64Array {
  const changed = Float64Array.from(logits);
  for (const token of new Set(seen)) {
    const logit = changed[token];
    if (token in changed) changed[token] = logit < 0 ? logit * penalty : logit / penalty;
  }
  return changed;
}

const samplingKinds: KindsOf<SamplingOptions> = {
  repetitionPenalty: orAbsent("number"),
  temperature: "number",
  topK: orAbsent("number"),
  topP: orAbsent("number"),
  minP: orAbsent("number"),
};

const shareKind: Kind = {
  expected: "a number from 0 to below 1",
  is: (x) => typeof x === "number" && x >= 0 && x < 1,
};

/** Throws for options that choose nothing. */
export function checkSampling(options: SamplingOptions, where: string): void {
  checkSomeOf(options, samplingKinds, "options", where);
  const { temperature, topK = 1, topP = 1, minP = 0, repetitionPenalty = 1 } = options;
  const valid =
    temperature >= 0 &&
    Number.isFinite(temperature) &&
    Number.isInteger(topK) &&
    topK >= 1 &&
    topP > 0 &&
    topP <= 1 &&
    minP >= 0 &&
    minP <= 1 &&
    repetitionPenalty > 0 &&
    Number.isFinite(repetitionPenalty);
  if (valid) return;
  throw new ReformaxError("impossible options", {
    where,
    expected:
      "temperature at least 0, top-k an integer at least 1, top-p above 0 and at most 1, min-p from 0 to 1, repetition penalty above 0",
    got: `temperature ${temperature}, top-k ${topK}, top-p ${topP}, min-p ${minP}, repetition penalty ${repetitionPenalty}`,
  });
}

/** Number of descending weights whose sum first reaches the share `topP` of all. */
function nucleusSize(weights: readonly number[], topP: number): number {
  if (topP === 1) return weights.length;
  const wanted = topP * sum(weights);
  let reached = 0;
  for (let size = 1; size < weights.length; size++) {
    reached += weights[size - 1];
    if (reached >= wanted) return size;
  }
  return weights.length;
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/**
 * The token at `uniform`, in [0, 1), of the cumulative distribution; never one of probability 0.
 * @example
 * import { pickToken } from "reformax/training";
 * console.log(pickToken(Float64Array.of(0.25, 0, 0.75), 0.3)); // => 2
 */
export function pickToken(probabilities: Float64Array, uniform: number): number {
  checkKinds(
    { probabilities: [probabilities, "numbers"], uniform: [uniform, shareKind] },
    "pickToken",
  );
  let cumulative = 0;
  let last = 0;
  for (let token = 0; token < probabilities.length; token++) {
    if (probabilities[token] === 0) continue;
    cumulative += probabilities[token];
    last = token;
    if (uniform < cumulative) return token;
  }
  return last;
}
