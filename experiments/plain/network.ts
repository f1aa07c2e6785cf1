import { ReformaxError } from "../../src/core/errors.ts";
import type { Value } from "../../src/core/value.ts";
import { activations, dense, softmax } from "../../src/nn/index.ts";
import {
  add,
  arange,
  equal,
  greater,
  matmul,
  multiply,
  reshape,
  swapaxes,
  take,
  where,
} from "../../src/numpy/index.ts";
import {
  conventions,
  unitKeys,
  type ReformerConfig,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import { normalize } from "../../src/reformer/blocks/norm.ts";
import { embedTokens } from "../../src/reformer/models/token-vectors.ts";
import type { ReformerLayerParams } from "../../src/reformer/models/params.ts";
import { outputLogits } from "../../src/reformer/outputs/next-token.ts";

/** How the plain network's attention may differ from the paper's. */
export interface PlainOptions {
  /** Whether a token sees itself only where it sees nothing else; the paper's rule for shared queries and keys. */
  readonly selfMask: boolean;
  /** Whether shared keys are the queries at unit length, as in the paper, or the queries as they are. Default: true. */
  readonly unitKeys?: boolean;
  /** Factor on the product of a query and a key. */
  readonly scale: number;
}

/**
 * The logits f32[B, L, vocabulary] of a model with full attention, in the plainest way: matrices of L x L are there, softmax is
 * taken over their rows, and nothing is computed twice. Streams are f32; with the paper's options it agrees with the library's own full
 * attention up to rounding, which a test asserts. It is what an ordinary Transformer stores, and where options of attention are tried.
 */
export function plainLogits(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  options: PlainOptions,
): Value {
  const epsilon = config.normEpsilon ?? conventions[config.conventions].normEpsilon;
  const embedded = embedTokens(config, params, tokens);
  const one = config.reversible === "none";
  let [first, second] = [embedded, embedded];
  for (const { f, g } of params.layers) {
    for (const half of [attend(config, f, epsilon, options), feedForward(config, g, epsilon)]) {
      const sum = add(first, half(second));
      [first, second] = one ? [sum, sum] : [second, sum];
    }
  }
  return outputLogits({ ...config, reversible: "none" }, params, { first, second });
}

type HalfBlock = (x: Value) => Value;

/** The sum of the heads. */
const attend =
  (
    { heads }: ReformerConfig,
    { shared, parts }: ReformerLayerParams["f"],
    epsilon: number,
    options: PlainOptions,
  ): HalfBlock =>
  (x) => {
    const normed = normalize("layer", shared.norm, x, epsilon);
    return Array.from({ length: heads }, (_, head): Value => {
      const project = (kernel: Value): Value => matmul(normed, take(kernel, head, 0));
      const q = project(parts.query);
      const k = parts.key ? project(parts.key) : sharedKeys(q, options);
      const weights = softmax(maskedScores(q, k, options));
      return matmul(matmul(weights, project(valueOf(parts))), take(parts.output, head, 0));
    }).reduce((sum, one) => add(sum, one));
  };

const sharedKeys = (q: Value, { unitKeys: normed = true }: PlainOptions): Value =>
  normed ? unitKeys(q, conventions.paper) : q;

/** @throws ReformaxError for the kind of attention that the plain network does not know */
function valueOf({ value }: ReformerLayerParams["f"]["parts"]): Value {
  if (value) return value;
  throw new ReformaxError("the plain network has a projection of values for each head", {
    where: "plainLogits",
    expected: "parts.value",
    got: "none",
  });
}

/** Scores f32[B, L, L] of queries and the keys that each may see. */
function maskedScores(q: Value, k: Value, { selfMask, scale }: PlainOptions): Value {
  const [, length] = q.shape;
  const scores = multiply(matmul(q, swapaxes(k, 1, 2)), scale);
  const [i, j] = [reshape(arange(length), [length, 1]), reshape(arange(length), [1, length])];
  const past = where(greater(j, i), -1e9, scores);
  return selfMask ? where(equal(i, j), conventions.paper.selfMask, past) : past;
}

const feedForward =
  (
    { activation }: ReformerConfig,
    { norm, inner, outer }: ReformerLayerParams["g"],
    epsilon: number,
  ): HalfBlock =>
  (x) =>
    dense(outer, activations[activation](dense(inner, normalize("layer", norm, x, epsilon))));
