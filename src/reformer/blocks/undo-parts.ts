import type { Value } from "../../core/value.ts";
import { scan, vjp } from "../../transforms/index.ts";
import { accumulate, zerosOf } from "../stack/cotangents.ts";
import { enterRows } from "./enter-rows.ts";
import type { UndoFunction, UndoPart } from "./block-functions.ts";
import type { PartParams, PartsBlock, PartsParams } from "./half-block.ts";
import { undoInSegments } from "./undo-segments.ts";
import { undoEnter, undoLeave } from "./undo-stages.ts";

/** Undoes one part after another, from the last to the first. */
export const undoParts =
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
        const segments = block.inSegments?.(other, around) ?? null;
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

/** `mix` saw the whole length. */
const undoWhole =
  (block: PartsBlock): UndoPart =>
  (params, { stream, other, dStream, dOther }, context, saved) => {
    const mix = (p: PartParams, x: unknown, c: unknown): Value =>
      block.mix(p, x, { ...context, shared: c }, saved).out;
    const entered = enterRows(block, params, other, context);
    const [mixed, pullMix] = vjp(mix, params, entered, context.shared);
    const left = undoLeave(block, params, { stream, mixed, dStream }, context);
    const [dMix, dEntered, dShared] = pullMix(left.dMixed);
    // The order in which reverse mode meets the uses of a parameter, and of what all layers read.
    const above = {
      dParams: accumulate(left.dParams, dMix),
      dShared: accumulate(left.dShared, dShared),
    };
    const arrived = undoEnter(block, params, { other, dOther, dEntered }, context, above);
    return { stream: left.stream, ...arrived };
  };
