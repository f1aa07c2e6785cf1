import type { Value } from "../../core/value.ts";
import { array } from "../../numpy/index.ts";
import { scan } from "../../transforms/index.ts";
import { joinStatistics, noStatistics, type HashStatistics } from "../attention/hash-statistics.ts";
import { flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { addTo, valuesOf } from "../stack/stream.ts";
import type { Added, AddFunction } from "./block-functions.ts";
import { checkContribution, checkMixed } from "./block-checks.ts";
import { enterRows } from "./enter-rows.ts";
import type {
  BlockContext,
  PartParams,
  PartsBlock,
  PartsParams,
  SegmentedMix,
} from "./half-block.ts";
import { seenBefore, segmentOf } from "./segments.ts";
import { watch } from "./watch.ts";

/** Adds one part after another. `saved`: integers that an earlier call computed, and that must not be computed anew. */
export const addParts =
  (block: PartsBlock, saved: unknown = null): AddFunction =>
  (params, start, source, context) => {
    const { shared, parts } = params as PartsParams;
    interface Carry {
      readonly stream: Value;
      readonly other: Value;
      readonly magnitude: Value;
      readonly statistics: HashStatistics;
    }
    const init: Carry = {
      stream: start,
      other: source,
      magnitude: array(0),
      statistics: noStatistics(),
    };
    const [end, computed] = scan<Carry, readonly [unknown, unknown, unknown], unknown>(
      (carry, [own, ownContext, ownSaved]) => {
        const around = { ...context, own: ownContext };
        const segments = block.inSegments?.(carry.other, around) ?? null;
        const add = segments ? addInSegments(block, segments) : addWhole(block, ownSaved);
        const { saved: here, statistics, ...after } = add({ shared, own }, carry, around);
        const next: Carry = {
          ...after,
          other: carry.other,
          statistics: joinStatistics(carry.statistics, statistics ?? noStatistics()),
        };
        return [next, here];
      },
      init,
      [parts, context.own, saved],
      { length: block.count },
    );
    return { ...end, saved: computed };
  };

interface PartAdded extends Pick<Added, "stream" | "magnitude" | "saved"> {
  readonly statistics?: HashStatistics;
}

type AddPart = (
  params: PartParams,
  before: Pick<Added, "stream" | "other" | "magnitude">,
  context: BlockContext,
) => PartAdded;

/** `mix` sees the whole length. */
const addWhole =
  (block: PartsBlock, kept: unknown): AddPart =>
  (params, { stream, other, magnitude }, context) => {
    const entered = enterRows(block, params, other, context);
    const mixed = block.mix(params, entered, context, kept);
    const { out, saved, statistics } = checkMixed(block, mixed, other);
    const [largest, after] = scanRows<Value, readonly [Value, Value], Value>(
      (sum, [acc, chunk], index) => {
        const left = block.leave(params, chunk, context, index);
        const contribution = checkContribution(block, left, acc);
        return [watch(sum, acc, contribution), addTo(acc, contribution)];
      },
      magnitude,
      [flattenRows(stream), flattenRows(out)],
      { chunk: block.chunk },
    );
    return { stream: unflattenRows(after, stream), magnitude: largest, saved, statistics };
  };

/** Segment after segment, each from what it sees of the one before. */
const addInSegments =
  (block: PartsBlock, segments: SegmentedMix): AddPart =>
  (params, { stream, other, magnitude }, context) => {
    type Carry = readonly [largest: Value, before: unknown];
    const segment = segmentOf(block, segments);
    const nothing = seenBefore(
      block,
      segments,
      params,
      flattenRows(other),
      context,
      array(0, "i32"),
    );
    const [[largest], after] = scanRows<Carry, readonly [Value, Value], Value>(
      ([sum, before], [acc, chunk], index) => {
        const x = valuesOf(chunk);
        const { contribution, seen } = segment(params, before, x, context, index);
        return [[watch(sum, acc, contribution), seen], addTo(acc, contribution)];
      },
      [magnitude, nothing],
      [flattenRows(stream), flattenRows(other)],
      { chunk: segments.rows },
    );
    return { stream: unflattenRows(after, stream), magnitude: largest, saved: null };
  };
