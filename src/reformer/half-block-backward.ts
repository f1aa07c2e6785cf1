import { isDifferentiable } from "../core/dtype.ts";
import * as tree from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { jit, scan, vjp } from "../transforms/index.ts";
import type { BlockContext, HalfBlock, PartsBlock, PartsParams, RowsBlock } from "./half-block.ts";
import { flattenRows, scanRows } from "./row-chunks.ts";
import { subtractFrom, valuesOf } from "./stream.ts";

/** One half-block undone: the stream before it, and the cotangents that it sends on. */
export interface Undone {
  readonly stream: Value;
  readonly dParams: unknown;
  /** To be added to the cotangent of the other stream, f32. */
  readonly dOther: Value;
  /** Cotangents of `context.shared`, null where it is not differentiable. */
  readonly dShared: unknown;
}

type UndoFunction = (
  params: unknown,
  stream: Value,
  other: Value,
  dStream: Value,
  context: BlockContext,
  saved: unknown,
) => Undone;

const functions = new WeakMap<HalfBlock, UndoFunction>();

/**
 * The reverse sweep over one half-block: part by part it computes the contribution once, takes it off the
 * stream, and pulls the stream's cotangent back through it. The derivative of rounding is the identity. Sums run
 * over parts and chunks from last to first, from zero: as reverse mode of the forward loop would.
 */
export function undoHalfBlock(block: HalfBlock): UndoFunction {
  const known = functions.get(block);
  if (known) return known;
  const undo = block.kind === "parts" ? undoParts(block) : undoRows(block);
  const compiled: UndoFunction = jit(
    (
      params: unknown,
      stream: Value,
      other: Value,
      dStream: Value,
      context: BlockContext,
      saved: unknown,
    ) => undo(params, stream, valuesOf(other), dStream, context, saved),
    { name: `${block.name}.undo` },
  );
  functions.set(block, compiled);
  return compiled;
}

const undoParts =
  (block: PartsBlock): UndoFunction =>
  (params, stream, x, dStream, context, saved) => {
    const { shared, parts } = params as PartsParams;
    interface Carry {
      readonly stream: Value;
      readonly dShared: unknown;
      readonly dx: Value;
      readonly dContext: unknown;
    }
    const start: Carry = {
      stream,
      dShared: zerosOf(shared),
      dx: ops.full(x.shape, 0, "f32"),
      dContext: zerosOf(context.shared),
    };
    const [end, dParts] = scan<Carry, readonly [unknown, unknown, unknown], unknown>(
      (carry, [own, ownContext, ownSaved]) => {
        const contribute = (p: unknown, q: unknown, y: Value, c: unknown): Value =>
          block.contribution({ shared: p, own: q }, y, { shared: c, own: ownContext }, ownSaved)
            .out;
        const [out, pullBack] = vjp(contribute, shared, own, x, context.shared);
        const [dShared, dOwn, dx, dContext] = pullBack(dStream);
        const next: Carry = {
          stream: subtractFrom(carry.stream, out),
          dShared: accumulate(carry.dShared, dShared),
          dx: ops.add(carry.dx, dx),
          dContext: accumulate(carry.dContext, dContext),
        };
        return [next, dOwn];
      },
      start,
      [parts, context.own, saved],
      { length: block.count, reverse: true },
    );
    return {
      stream: end.stream,
      dParams: { shared: end.dShared, parts: dParts },
      dOther: end.dx,
      dShared: end.dContext,
    };
  };

const undoRows =
  (block: RowsBlock): UndoFunction =>
  (params, stream, x, dStream, context) => {
    type Carry = readonly [dParams: unknown, dContext: unknown];
    const start: Carry = [zerosOf(params), zerosOf(context.shared)];
    const [[dParams, dShared], [before, dx]] = scanRows<Carry, readonly [Value, Value]>(
      ([dParamsSum, dContextSum], [acc, chunk, dOut], index) => {
        const apply = (p: unknown, y: Value, c: unknown): Value =>
          block.apply(p, y, { shared: c, own: context.own }, index);
        const [out, pullBack] = vjp(apply, params, chunk, context.shared);
        const [dParamsHere, dChunk, dContext] = pullBack(dOut);
        return [
          [accumulate(dParamsSum, dParamsHere), accumulate(dContextSum, dContext)],
          [subtractFrom(acc, out), dChunk],
        ];
      },
      start,
      [flattenRows(stream), flattenRows(x), flattenRows(dStream)],
      {
        chunk: block.chunk,
        reverseSum: ([dParamsOfTail, dContextOfTail], [dParamsOfLoop, dContextOfLoop]) => [
          accumulate(dParamsOfTail, dParamsOfLoop),
          accumulate(dContextOfTail, dContextOfLoop),
        ],
      },
    );
    return {
      stream: ops.reshape(before, stream.shape),
      dParams,
      dOther: ops.reshape(dx, x.shape),
      dShared,
    };
  };

/** Zeros for every differentiable leaf, null for the others. */
export const zerosOf = (values: unknown): unknown =>
  tree.map(
    (leaf: Value) => (isDifferentiable(leaf.dtype) ? ops.full(leaf.shape, 0, "f32") : null),
    values,
  );

/** Leafwise sum of cotangent trees; null leaves stay null. */
export const accumulate = (sum: unknown, more: unknown): unknown =>
  tree.map((a: Value, b: Value) => ops.add(a, b), sum, more);
