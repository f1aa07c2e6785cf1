import type { Problem } from "../../edge/problem.ts";
import { conventions } from "../attention/conventions.ts";
import { productKeySizes } from "../blocks/product-key-block.ts";
import type { ReformerFields } from "./config-fields.ts";
import { positionProblems } from "./positions.ts";

/** Parts that do not fit together. */
export const reformerProblems = (config: ReformerFields): readonly Problem[] => [
  ...positionProblems(config),
  ...bucketProblems(config),
  ...tyingProblems(config),
  ...headProblems(config),
  ...feedForwardProblems(config),
  ...residualProblems(config),
];

function headProblems({
  heads,
  headWidth,
  attention,
  lsh,
  layers,
}: ReformerFields): readonly Problem[] {
  const { localHeads = 0, rotaryBase } = attention ?? {};
  const problem = (where: string, text: string, expected: string, got: string): Problem => ({
    where,
    problem: text,
    expected,
    got,
  });
  const factors = Array.isArray(lsh.buckets) ? lsh.buckets.length : 1;
  return [
    ...(localHeads >= heads && layers.some((kind) => kind !== "local")
      ? [
          problem(
            "attention.localHeads",
            "must leave heads that are not local",
            `fewer than ${heads}`,
            String(localHeads),
          ),
        ]
      : []),
    ...(rotaryBase !== undefined && headWidth % 2 !== 0
      ? [
          problem(
            "attention.rotaryBase",
            "turns pairs of features",
            "an even headWidth",
            String(headWidth),
          ),
        ]
      : []),
    ...(lsh.bestBuckets && factors > 1
      ? [
          problem(
            "lsh.bestBuckets",
            "needs a hash of one factor",
            "one number of buckets",
            `${factors} factors`,
          ),
        ]
      : []),
  ];
}

/** An embedding is as wide as one stream: it cannot read both side by side. */
const tyingProblems = ({ tiedEmbedding, conventions: name }: ReformerFields): readonly Problem[] =>
  tiedEmbedding && conventions[name].merge === "concatenate"
    ? [
        {
          where: "tiedEmbedding",
          problem: `cannot be with the conventions "${name}", whose output layer reads both streams side by side`,
          expected: "conventions that merge the streams by their mean, such as lucidrains",
        },
      ]
    : [];

/** A hash takes the argmax over [xR; -xR]: each factor of the number of buckets is even. A bucket is an i32. */
function bucketProblems({ lsh }: ReformerFields): readonly Problem[] {
  if (lsh.buckets === "auto") return [];
  const factors = typeof lsh.buckets === "number" ? [lsh.buckets] : lsh.buckets;
  const odd = factors
    .filter((n) => n % 2 !== 0)
    .map((n) => ({
      where: "lsh.buckets",
      problem: "must be even",
      expected: "even factors, as half of the buckets are the other half's opposites",
      got: String(n),
    }));
  const product = factors.reduce((all, n) => all * n, 1);
  if (product < 2 ** 31) return odd;
  const expected = "a product below 2^31";
  return [
    ...odd,
    { where: "lsh.buckets", problem: "are too many", expected, got: String(product) },
  ];
}

/** Memories with product keys that do not exist, or that leave no room for recurrent layers. */
function feedForwardProblems({ feedForward, layers }: ReformerFields): readonly Problem[] {
  const { productKeys, recurrent } = feedForward ?? {};
  if (!productKeys) return [];
  const { keys, best, queryWidth } = productKeySizes(productKeys);
  const where = "feedForward.productKeys";
  const found: readonly (Problem | false)[] = [
    best > keys && {
      where: `${where}.best`,
      problem: "reads more keys than there are",
      expected: `at most ${keys}`,
      got: String(best),
    },
    queryWidth % 2 !== 0 && {
      where: `${where}.queryWidth`,
      problem: "must be even: queries have two halves",
      expected: "an even number",
      got: String(queryWidth),
    },
    recurrent !== undefined &&
      productKeys.at === undefined && {
        where: `${where}.at`,
        problem: "is missing: all layers would have a memory, and none recurrent units",
        expected: "the numbers of the layers with a memory",
      },
    ...(productKeys.at ?? []).map(
      (number) =>
        number >= layers.length && {
          where: `${where}.at`,
          problem: "is no layer",
          expected: `numbers below ${layers.length}`,
          got: String(number),
        },
    ),
  ];
  return found.flatMap((one) => (one ? [one] : []));
}

/** Norms of what half-blocks add, which undo a gain, and give something where a layer should be left out. */
function residualProblems({ residual }: ReformerFields): readonly Problem[] {
  const { norm, normAt, gain, layerDropout = 0 } = residual ?? {};
  const has = [
    ...(norm === "none" ? ["a norm of none"] : []),
    ...(gain ? ["gains"] : []),
    ...(layerDropout > 0 ? ["layer dropout"] : []),
  ];
  if (normAt !== "after" || has.length === 0) return [];
  const where = "residual.normAt";
  const problem = `"after" cannot be with ${has.join(" and ")}`;
  return [{ where, problem, expected: '"before"', got: '"after"' }];
}
