import type { Duplicates } from "../../ir/attention.ts";

/**
 * What the published Reformers do differently, as named options. The paper's formulas are in its
 * section 2; how trax, HuggingFace and lucidrains read them is in their sources.
 */
export interface Conventions {
  /** Factor on the product of a query and a unit-length key; `inverseSqrt` is width^-1/2. */
  readonly logitScale: "unit" | "inverseSqrt";
  /** Added to the mean square of a key before its root is taken. */
  readonly keyEpsilon: number;
  /** Keys in other buckets have weight zero (equation 4 of the paper). */
  readonly sameBucket: boolean;
  /**
   * Pairs that meet in several rounds count once (log N in equation 16). `sameRound` is the count of trax 1.2.3 and lucidrains,
   * for parity with them: it does not see that on a ring the chunks of neighbouring rounds meet.
   */
  readonly duplicates: Duplicates;
  /** Logit of a token's own position: it counts only when nothing else may be attended to. */
  readonly selfMask: number;
  /** The chunks of all rounds form one ring: chunk 0 looks back into the round before. */
  readonly circular: boolean;
  /** Where a window leads further than once around the ring: on around it when absent, or to the query's `own` chunk, as in HuggingFace. */
  readonly beyondRing?: "own";
  /** How many buckets for L tokens in chunks of m: 2L/m (chunk = two average buckets) or L/m. */
  readonly bucketsPerChunk: 2 | 1;
  /** How the two streams become one at the top. */
  readonly merge: "concatenate" | "mean";
  /** Epsilon of the layer norms. */
  readonly normEpsilon: number;
}

export type ConventionName = "paper" | "trax" | "huggingface" | "lucidrains";

const paper: Conventions = {
  logitScale: "unit",
  keyEpsilon: 1e-6,
  sameBucket: true,
  duplicates: true,
  selfMask: -1e5,
  circular: false,
  bucketsPerChunk: 2,
  merge: "concatenate",
  normEpsilon: 1e-6,
};

/** The presets by name; `paper` is the default everywhere. */
export const conventions: Readonly<Record<ConventionName, Conventions>> = {
  paper,
  trax: { ...paper, sameBucket: false, duplicates: false, circular: true },
  huggingface: {
    ...paper,
    sameBucket: false,
    duplicates: false,
    circular: true,
    beyondRing: "own",
    normEpsilon: 1e-12,
  },
  lucidrains: {
    ...paper,
    logitScale: "inverseSqrt",
    keyEpsilon: 1e-24,
    sameBucket: false,
    duplicates: false,
    selfMask: -5e4,
    circular: true,
    bucketsPerChunk: 1,
    merge: "mean",
    normEpsilon: 1e-5,
  },
};
