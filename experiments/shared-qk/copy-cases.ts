import type { Value } from "../../src/core/value.ts";
import { softmaxCrossEntropy } from "../../src/nn/index.ts";
import {
  astype,
  divide,
  greaterEqual,
  maximum,
  multiply,
  reshape,
  sum,
} from "../../src/numpy/index.ts";
import { countIn } from "../copy/accuracy.ts";
import { modelOf, type CopySettings } from "../copy/settings.ts";
import { learnerOf, type CopyLearner } from "../copy/train.ts";
import { jit } from "../../src/transforms/index.ts";
import { plainLogits, type PlainOptions } from "../plain/network.ts";

/** One way of learning 0w0w with full attention. */
export interface CopyCase {
  readonly name: string;
  /** Learning rate, as a multiple of the copy task's. */
  readonly rate: number;
  readonly learner: (settings: CopySettings) => CopyLearner;
}

const shared = (settings: CopySettings): CopyLearner => learnerOf(modelOf(settings, "full"));

const separate = (settings: CopySettings): CopyLearner =>
  learnerOf(modelOf(settings, "full", { full: { queryKey: "separate" } }));

/** Positions as a grid, which cannot say "half a sequence back" as easily as a table of all. */
const axial = (settings: CopySettings): CopyLearner => {
  const { length, width } = settings;
  const widths = [width / 2, width / 2];
  return learnerOf(
    modelOf(settings, "full", { positions: { kind: "axial", shape: [2, length / 2], widths } }),
  );
};

/** Attention with keys that are the queries as they are: products as in a Transformer, each token the best match of itself. */
function longKeys(settings: CopySettings): CopyLearner {
  const model = modelOf(settings, "full");
  const options: PlainOptions = {
    selfMask: false,
    unitKeys: false,
    scale: 1 / Math.sqrt(model.headWidth),
  };
  return {
    model,
    lossOf: (params, { tokens, targets }) =>
      meanLoss(plainLogits(model, params, tokens, options), targets),
    count: jit(
      countIn((params, tokens) => plainLogits(model, params, tokens, options)),
      { name: "longKeysHits" },
    ),
  };
}

/** Over the targets that are tokens. */
function meanLoss(logits: Value, targets: Value): Value {
  const [batch, length, vocabulary] = logits.shape;
  const asked = reshape(targets, [batch * length]);
  const counted = astype(greaterEqual(asked, 0), "f32");
  const losses = softmaxCrossEntropy(
    reshape(logits, [batch * length, vocabulary]),
    maximum(asked, 0),
  );
  return divide(sum(multiply(losses, counted)), sum(counted));
}

export const sharedCase: CopyCase = { name: "shared", rate: 1, learner: shared };
export const separateCase: CopyCase = { name: "separate", rate: 1, learner: separate };

/** What is compared on the copy task: the first two are judged, the others show what makes it hard. */
export const copyCases: readonly CopyCase[] = [
  sharedCase,
  separateCase,
  { name: "shared, a third of the rate", rate: 1 / 3, learner: shared },
  { name: "separate, a third of the rate", rate: 1 / 3, learner: separate },
  { name: "shared, a tenth of the rate", rate: 1 / 10, learner: shared },
  { name: "shared, axial positions", rate: 1, learner: axial },
  { name: "shared, keys as long as queries", rate: 1, learner: longKeys },
];
