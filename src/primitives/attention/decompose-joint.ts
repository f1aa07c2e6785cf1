import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import type { ChunkedAttentionParams, JointAttentionParams } from "../../ir/attention.ts";

/** Vectors and indices of chunkedAttention, and what follows them. */
interface Parts {
  readonly options: ChunkedAttentionParams;
  /** The eight operands, with keys as chunkedAttention wants them. */
  readonly operands: readonly Value[];
  readonly rest: readonly Value[];
}

function partsOf(inputs: readonly Value[], params: object): Parts {
  const { unitKeys, ...options } = params as JointAttentionParams;
  if (unitKeys === null) return { options, operands: inputs.slice(0, 8), rest: inputs.slice(8) };
  const [q, ...others] = inputs;
  const operands = [q, ops.mul(q, inverseLengths(q, unitKeys)), ...others.slice(0, 6)];
  return { options, operands, rest: others.slice(6) };
}

/** 1 / (sqrt(mean(q^2) + epsilon) sqrt(d)) for every element of q[N, L, d]. */
function inverseLengths(q: Value, epsilon: number): Value {
  const [groups, length, width] = q.shape;
  const squares = ops.reduceSum(ops.mul(q, q), [2]);
  const shifted = ops.add(squares, ops.fullLike(squares, width * epsilon));
  const inverse = ops.div(ops.fullLike(shifted, 1), ops.sqrt(shifted));
  return ops.broadcastInDim(inverse, [groups, length, width], [0, 1]);
}

interface Rounds {
  /** f32[N, R, L, e] and f32[N, R, L]. */
  readonly outs: Value;
  readonly lses: Value;
  /** Share of each round in the softmax over all, f32[N, R, L]. */
  readonly shares: Value;
  /** f32[N, L] */
  readonly lse: Value;
}

function attendRounds(operands: readonly Value[], options: ChunkedAttentionParams): Rounds {
  const [outs, lses] = ops.bindNamed("chunkedAttention", operands, options);
  const overRounds = (x: Value): Value => ops.broadcastInDim(x, lses.shape, [0, 2]);
  const peak = ops.stopGradient(ops.reduceMax(lses, [1]));
  const exponentials = ops.exp(ops.sub(lses, overRounds(peak)));
  const total = ops.reduceSum(exponentials, [1]);
  // Of tokens that see nothing in any round, the sum over rounds says nothing.
  const empty = ops.le(peak, ops.fullLike(peak, emptyBelow));
  const lse = ops.add(peak, ops.select(empty, ops.zerosLike(total), ops.log(total)));
  return { outs, lses, shares: ops.div(exponentials, overRounds(total)), lse };
}

/** Log partition functions of nothing are far below, all others far above. */
const emptyBelow = -1e29;

/** x[N, R, L] spread over the last axis of [N, R, L, e]. */
const spread = (x: Value, like: Value): Value => ops.broadcastInDim(x, like.shape, [0, 1, 2]);

/** x[N, L, ...] for every round. */
function everyRound(x: Value, rounds: number): Value {
  const [groups, ...rest] = x.shape;
  return ops.broadcastInDim(x, [groups, rounds, ...rest], [0, ...rest.map((_, axis) => axis + 2)]);
}

/** jointAttention as chunkedAttention and a softmax over rounds. */
export function decomposeJoint(inputs: readonly Value[], params: object): readonly Value[] {
  const { options, operands } = partsOf(inputs, params);
  const { outs, shares, lse } = attendRounds(operands, options);
  return [ops.reduceSum(ops.mul(outs, spread(shares, outs)), [1]), lse];
}

/**
 * jointAttentionBackward as chunkedAttentionBackward: a round's result counts as much as its share, and its log partition
 * function as much as its result differs from that of all.
 */
export function decomposeJointBackward(inputs: readonly Value[], params: object): readonly Value[] {
  const { unitKeys } = params as JointAttentionParams;
  const { options, operands, rest } = partsOf(inputs, params);
  const [out, , dOut] = rest;
  const { outs, lses, shares } = attendRounds(operands, options);
  const incoming = everyRound(dOut, outs.shape[1]);
  const dOuts = ops.mul(incoming, spread(shares, outs));
  const difference = ops.sub(outs, everyRound(out, outs.shape[1]));
  const dLses = ops.mul(shares, ops.reduceSum(ops.mul(incoming, difference), [3]));
  const [dq, dk, dv] = ops.bindNamed(
    "chunkedAttentionBackward",
    [...operands, outs, lses, dOuts, dLses],
    options,
  );
  if (unitKeys === null) return [dq, dk, dv];
  return [ops.add(dq, throughUnitKeys(operands[0], unitKeys, dk)), dv];
}

/** The cotangent of q from that of q at unit length: what is left of it beside the direction of q, over q's length. */
function throughUnitKeys(q: Value, epsilon: number, dKey: Value): Value {
  const inverse = inverseLengths(q, epsilon);
  const unit = ops.mul(q, inverse);
  const along = ops.reduceSum(ops.mul(unit, dKey), [2]);
  const beside = ops.sub(dKey, ops.mul(unit, ops.broadcastInDim(along, q.shape, [0, 1])));
  return ops.mul(beside, inverse);
}
