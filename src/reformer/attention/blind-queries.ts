import type { Value } from "../../core/value.ts";
import { full, greater, where } from "../../numpy/index.ts";
import { hasOwnKeys, type HeadOptions, type Padding } from "./head-options.ts";
import { attendPlaced, type Placed } from "./placed-attention.ts";
import { padValid } from "./token-padding.ts";

/**
 * The results out f32[N, queries, e] of placed attention, where queries of `window` that see nothing get the mean of all values v
 * f32[N, padded, e] in their window, masked and later ones included.
 */
export function answerBlind(
  out: Value,
  v: Value,
  { slots, choices }: Placed,
  options: HeadOptions,
  padding: Padding,
): Value {
  const { original, pairs, length, padded } = padding;
  const isAsked = options.maskedQueries === "window" && hasOwnKeys(options);
  if (!isAsked || (!original && !pairs)) return out;
  const [groups] = v.shape;
  // Whatever is asked of such keys, all weigh alike.
  const nothing = full([groups, padded, 1], 0, "f32");
  const plain = { ...options, keepProbability: null };
  const equally = { ...choices, keepProbability: null };
  const weighed = (values: Value, given: Placed, around: Padding): Value =>
    attendPlaced({ q: nothing, k: nothing, v: values }, given, plain, noDropout, around);
  const ones = full([groups, padded, 1], 1, "f32");
  const seen = weighed(ones, { slots, choices: equally }, padding);
  const real = padValid(null, full([groups, length], 0, "i32"), padded);
  const mean = weighed(
    v,
    { slots, choices: { ...equally, causal: false, masked: true } },
    { ...padding, valid: real, pairs: null },
  );
  return where(greater(seen, 0), out, mean);
}

const noDropout = { valid: null, rotations: null, dropoutKey: null } as const;
