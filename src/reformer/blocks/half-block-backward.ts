import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { jit, scan, vjp } from "../../transforms/index.ts";
import { accumulate, zerosOf } from "../stack/cotangents.ts";
import { enterRows, seenBefore, segmentOf } from "./half-block-forward.ts";
import type {
  BlockContext,
  HalfBlock,
  PartParams,
  PartsBlock,
  PartsParams,
  RowsBlock,
  SegmentedMix,
} from "./half-block.ts";
import { flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { subtractFrom, valuesOf } from "../stack/stream.ts";

/** What the reverse sweep knows above a half-block. */
export interface Above {
  /** The stream to which the half-block was added, and the one from which it was computed. */
  readonly stream: Value;
  readonly other: Value;
  /** Their cotangents, f32. */
  readonly dStream: Value;
  readonly dOther: Value;
}

/** One half-block undone: the stream before it, and the cotangents that it sends on. */
export interface Undone {
  readonly stream: Value;
  /** Cotangent of the other stream, f32: that from above with all contributions added. */
  readonly dOther: Value;
  readonly dParams: unknown;
  /** Cotangents of `context.shared`, null where it is not differentiable. */
  readonly dShared: unknown;
}

type UndoFunction = (
  params: unknown,
  above: Above,
  context: BlockContext,
  saved: unknown,
) => Undone;

const functions = new WeakMap<HalfBlock, UndoFunction>();

/**
 * The reverse sweep over one half-block: part by part it computes the contribution once, takes it off the
 * stream, and pulls the stream's cotangent back through it; both streams' arrays are updated chunk of rows by chunk of
 * rows. The derivative of rounding is the identity. Sums run over parts and chunks from last to first: as reverse mode
 * of the forward loop would.
 */
export function undoHalfBlock(block: HalfBlock): UndoFunction {
  const known = functions.get(block);
  if (known) return known;
  const undo = block.kind === "parts" ? undoParts(block) : undoRows(block);
  const compiled: UndoFunction = jit(undo, { name: `${block.name}.undo` });
  functions.set(block, compiled);
  return compiled;
}

const undoParts =
  (block: PartsBlock): UndoFunction =>
  (params, { stream, other, dStream, dOther }, context, saved) => {
    const { shared, parts } = params as PartsParams;
    interface Carry {
      readonly stream: Value;
      readonly dOther: Value;
      readonly dShared: unknown;
      readonly dContext: unknown;
    }
    const start: Carry = {
      stream,
      dOther,
      dShared: zerosOf(shared),
      dContext: zerosOf(context.shared),
    };
    const [end, dParts] = scan<Carry, readonly [unknown, unknown, unknown], unknown>(
      (carry, [own, ownContext, ownSaved]) => {
        const around = { ...context, own: ownContext };
        const segments = block.inSegments?.(other) ?? null;
        const undo = segments ? undoInSegments(block, segments) : undoWhole(block);
        const above = { stream: carry.stream, other, dStream, dOther: carry.dOther };
        const { dParams, dShared, ...below } = undo({ shared, own }, above, around, ownSaved);
        const next: Carry = {
          ...below,
          dShared: accumulate(carry.dShared, dParams.shared),
          dContext: accumulate(carry.dContext, dShared),
        };
        return [next, dParams.own];
      },
      start,
      [parts, context.own, saved],
      { length: block.count, reverse: true },
    );
    return {
      stream: end.stream,
      dOther: end.dOther,
      dParams: { shared: end.dShared, parts: dParts },
      dShared: end.dContext,
    };
  };

interface PartUndone extends Undone {
  readonly dParams: PartParams;
}

type UndoPart = (
  params: PartParams,
  above: Above,
  context: BlockContext,
  saved: unknown,
) => PartUndone;

/** `mix` saw the whole length. */
const undoWhole =
  (block: PartsBlock): UndoPart =>
  (params, { stream, other, dStream, dOther }, context, saved) => {
    const mix = (p: PartParams, x: unknown, c: unknown): Value =>
      block.mix(p, x, { ...context, shared: c }, saved).out;
    const entered = enterRows(block, params, other);
    const [mixed, pullMix] = vjp(mix, params, entered, context.shared);
    const left = undoLeave(block, params, { stream, mixed, dStream }, context);
    const [dMix, dEntered, dShared] = pullMix(left.dMixed);
    const arrived = undoEnter(block, params, other, dOther, dEntered);
    // The order in which reverse mode meets the three uses of a parameter.
    const dParams = accumulate(accumulate(left.dParams, dMix), arrived.dParams) as PartParams;
    return { stream: left.stream, dOther: arrived.dOther, dParams, dShared };
  };

/** From the last segment to the first; what a segment sees of the one before is computed anew. */
const undoInSegments =
  (block: PartsBlock, segments: SegmentedMix): UndoPart =>
  (params, { stream, other, dStream, dOther }, context) => {
    interface Carry {
      readonly dParams: unknown;
      readonly dShared: unknown;
      /** Cotangent of what the next segment saw of this one. */
      readonly dSeen: unknown;
    }
    type Rows = readonly [stream: Value, other: Value, dStream: Value, dOther: Value];
    const rows = flattenRows(other);
    const segment = segmentOf(block, segments);
    const nothing = seenBefore(block, segments, params, rows, ops.literal(0, "i32"));
    const [{ dParams, dShared }, [before, after]] = scanRows<Carry, Rows, readonly [Value, Value]>(
      (sum, [acc, chunk, dOut, dChunk], index) => {
        const first = ops.mul(index, ops.literal(segments.rows, "i32"));
        const compute = (p: PartParams, c: unknown, b: unknown, x: Value): Segment =>
          segment(p, b, x, { ...context, shared: c }, index);
        const seen = seenBefore(block, segments, params, rows, first);
        const [{ contribution }, pullBack] = vjp(
          compute,
          params,
          context.shared,
          seen,
          valuesOf(chunk),
        );
        const [dParamsHere, dSharedHere, dSeen, dx] = pullBack({
          contribution: dOut,
          seen: sum.dSeen,
        });
        const next: Carry = {
          dParams: accumulate(sum.dParams, dParamsHere),
          dShared: accumulate(sum.dShared, dSharedHere),
          dSeen,
        };
        return [next, [subtractFrom(acc, contribution), ops.add(dChunk, dx)]];
      },
      { dParams: zerosOf(params), dShared: zerosOf(context.shared), dSeen: zerosOf(nothing) },
      [flattenRows(stream), rows, flattenRows(dStream), flattenRows(dOther)],
      { chunk: segments.rows, reverseSum: (ofLast) => ofLast },
    );
    return {
      stream: unflattenRows(before, stream),
      dOther: unflattenRows(after, dOther),
      dParams: dParams as PartParams,
      dShared,
    };
  };

type Segment = ReturnType<ReturnType<typeof segmentOf>>;

/** Takes a part's contribution off the stream; the cotangents of what it was computed from. */
function undoLeave(
  block: PartsBlock,
  params: PartParams,
  { stream, mixed, dStream }: { stream: Value; mixed: Value; dStream: Value },
  context: BlockContext,
): { readonly stream: Value; readonly dMixed: Value; readonly dParams: unknown } {
  type Rows = readonly [stream: Value, mixed: Value, dStream: Value];
  const [dParams, [before, dMixed]] = scanRows<unknown, Rows, readonly [Value, Value]>(
    (sum, [acc, chunk, dOut], index) => {
      const leave = (p: PartParams, x: Value): Value => block.leave(p, x, context, index);
      const [out, pullBack] = vjp(leave, params, chunk);
      const [dHere, dChunk] = pullBack(dOut);
      return [accumulate(sum, dHere), [subtractFrom(acc, out), dChunk]];
    },
    zerosOf(params),
    [flattenRows(stream), flattenRows(mixed), flattenRows(dStream)],
    { chunk: block.chunk, reverseSum: accumulate },
  );
  return {
    stream: unflattenRows(before, stream),
    dMixed: unflattenRows(dMixed, mixed),
    dParams,
  };
}

/** Adds what a part's cotangents are worth at the other stream to that stream's cotangent. */
function undoEnter(
  block: PartsBlock,
  params: PartParams,
  other: Value,
  dOther: Value,
  dEntered: unknown,
): { readonly dOther: Value; readonly dParams: unknown } {
  type Rows = readonly [other: Value, dOther: Value, dEntered: unknown];
  const [dParams, after] = scanRows<unknown, Rows, Value>(
    (sum, [chunk, dChunk, dHere]) => {
      const enter = (p: PartParams, x: Value): unknown => block.enter(p, x);
      const [, pullBack] = vjp(enter, params, valuesOf(chunk));
      const [dParamsHere, dx] = pullBack(dHere);
      return [accumulate(sum, dParamsHere), ops.add(dChunk, dx)];
    },
    zerosOf(params),
    [flattenRows(other), flattenRows(dOther), tree.map(flattenRows, dEntered)],
    { chunk: block.chunk, reverseSum: accumulate },
  );
  return { dOther: unflattenRows(after, dOther), dParams };
}

const undoRows =
  (block: RowsBlock): UndoFunction =>
  (params, { stream, other, dStream, dOther }, context) => {
    type Carry = readonly [dParams: unknown, dContext: unknown];
    type Rows = readonly [stream: Value, other: Value, dStream: Value, dOther: Value];
    const start: Carry = [zerosOf(params), zerosOf(context.shared)];
    const [[dParams, dShared], [before, after]] = scanRows<Carry, Rows, readonly [Value, Value]>(
      ([dParamsSum, dContextSum], [acc, chunk, dOut, dChunk], index) => {
        const apply = (p: unknown, y: Value, c: unknown): Value =>
          block.apply(p, y, { shared: c, own: context.own }, index);
        const [out, pullBack] = vjp(apply, params, valuesOf(chunk), context.shared);
        const [dParamsHere, dx, dContext] = pullBack(dOut);
        return [
          [accumulate(dParamsSum, dParamsHere), accumulate(dContextSum, dContext)],
          [subtractFrom(acc, out), ops.add(dChunk, dx)],
        ];
      },
      start,
      [flattenRows(stream), flattenRows(other), flattenRows(dStream), flattenRows(dOther)],
      {
        chunk: block.chunk,
        reverseSum: ([dParamsOfTail, dContextOfTail], [dParamsOfLoop, dContextOfLoop]) => [
          accumulate(dParamsOfTail, dParamsOfLoop),
          accumulate(dContextOfTail, dContextOfLoop),
        ],
      },
    );
    return {
      stream: unflattenRows(before, stream),
      dOther: unflattenRows(after, dOther),
      dParams,
      dShared,
    };
  };
