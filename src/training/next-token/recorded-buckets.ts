import { ReformaxError } from "../../core/errors.ts";
import type { HashBuckets } from "../../reformer/models/hash-buckets.ts";

/** Where the buckets of a run go to, or come from. `step` is the number of updates before. */
export interface HashReplay {
  /** Is told the buckets that each step used, on the host and in the order of steps. */
  readonly record?: (step: number, buckets: HashBuckets) => void;
  /** The buckets that a step uses instead of hashing. */
  readonly replay?: (step: number) => HashBuckets | Promise<HashBuckets>;
}

/** @throws ReformaxError where a model that was asked for them gives none */
export function recordedBuckets(buckets: HashBuckets | undefined, where: string): HashBuckets {
  if (buckets) return buckets;
  throw new ReformaxError("the model does not record buckets", {
    where,
    expected: "buckets from a pass that is asked for them",
    fix: "Use reformerModel, or give `buckets` in what your model's step and evaluate give.",
  });
}
