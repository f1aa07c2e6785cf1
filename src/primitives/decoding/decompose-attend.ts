import type { Value } from "../../core/value.ts";
import {
  alwaysWhole,
  tokenOperands,
  tokenSizes,
  type AttendTokenParams,
  type TokenOperands,
} from "../../ir/decoding.ts";
import * as ops from "../../ir/ops.ts";
import {
  firstTokens,
  joinLists,
  keptOf,
  like,
  over,
  rowsOfTokens,
  where,
  windowOf,
  type Kept,
  type SeenTokens,
} from "./seen-tokens.ts";

/** attendToken by gathering the rows of the window. */
export function attendByGathers(inputs: readonly Value[], params: AttendTokenParams): Value {
  const operands = tokenOperands(inputs, params);
  const sizes = tokenSizes(
    tokenOperands(
      inputs.map(({ aval }) => aval),
      params,
    ),
  );
  const { capacity, groups, valueWidth } = sizes;
  const room = capacity - params.memory;
  if (groups * room === 0) return ops.full([groups, valueWidth], NaN, "f32");
  const { position } = operands;
  const kept = keptOf(position, capacity, params);
  const whole = Math.min(params.whole, room);
  const memory = params.seesMemory ? params.memory : 0;
  const all = operands.lists ? kept.own : position;
  const isWhole = ops.le(all, like(all, params.whole - memory - 1));
  const longest = params.ring && !operands.lists ? alwaysWhole : capacity;
  const isAlways = params.whole >= longest;
  const lists = [
    ...(isAlways ? [] : [where(windowOf(operands, kept, params), ops.not(isWhole))]),
    ...(whole > 0 ? [where(firstTokens(kept, whole, params), isWhole)] : []),
  ];
  return softmaxOver(joinLists(lists), kept, operands, params);
}

/** x[N, C, w] in the rows [N, S], with the token's own x[N, w] where it is. */
function rowsOf(x: Value, own: Value, rows: Value, isOwn: Value): Value {
  const stored = ops.gather(x, rows, 1);
  return ops.select(
    over(isOwn, stored.shape),
    ops.broadcastInDim(own, stored.shape, [0, 2]),
    stored,
  );
}

/** Below every logit: its exponential is 0 beside any other. */
const excluded = -3e38;

function softmaxOver(
  { tokens, seen, meetings }: SeenTokens,
  kept: Kept,
  { q, key, value, keys, values, position }: TokenOperands<Value>,
  params: AttendTokenParams,
): Value {
  const { scale, selfMask, unitKeys, ring } = params;
  const isOwn = ops.eq(tokens, over(kept.own, tokens.shape));
  const safe = ops.max(ops.min(tokens, like(tokens, keys.shape[1] - 1)), like(tokens, 0));
  const rows = rowsOfTokens(safe, kept, params);
  const seenKeys = rowsOf(keys, key, rows, isOwn);
  const products = ops.reduceSum(
    ops.mul(seenKeys, ops.broadcastInDim(q, seenKeys.shape, [0, 2])),
    [2],
  );
  const scaled = ops.scale(
    unitKeys === null ? products : ops.mul(products, inverseLengths(seenKeys, unitKeys)),
    scale,
  );
  const weighed = meetings === null ? scaled : ops.sub(scaled, ops.log(meetings));
  const logits = selfMask === null ? weighed : ops.select(isOwn, like(weighed, selfMask), weighed);
  const masked = ops.select(seen, logits, like(logits, excluded));
  const peak = ops.stopGradient(ops.reduceMax(masked, [1]));
  const shifted = ops.exp(ops.sub(masked, over(peak, masked.shape)));
  const weights = ops.select(seen, shifted, ops.zerosLike(shifted));
  const seenValues = rowsOf(values, value, rows, isOwn);
  const sums = ops.reduceSum(ops.mul(seenValues, over(weights, seenValues.shape)), [1]);
  const total = over(ops.reduceSum(weights, [1]), sums.shape);
  const out = ops.div(sums, total);
  const isToken = ops.ge(position, like(position, 0));
  const fits = ring ? isToken : ops.and(isToken, ops.lt(position, like(position, kept.room)));
  return ops.select(over(fits, out.shape), out, like(out, NaN));
}

/** 1 / (sqrt(mean(k^2) + epsilon) sqrt(d)) for k[N, S, d]: f32[N, S]. */
function inverseLengths(k: Value, epsilon: number): Value {
  const squares = ops.reduceSum(ops.mul(k, k), [2]);
  const shifted = ops.add(squares, like(squares, k.shape[2] * epsilon));
  return ops.div(like(shifted, 1), ops.sqrt(shifted));
}
