import { checkRecord, type KindsOf } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, iota } from "../../lax/index.ts";
import { add, equal, where, zerosLike } from "../../numpy/index.ts";
import { dropout, sinusoids } from "../../nn/index.ts";
import { foldIn } from "../../random/index.ts";
import { checkConventions, headKinds } from "../attention/check-head.ts";
import { hasOwnKeys, type HeadOptions } from "../attention/head-options.ts";
import type {
  AttentionContext,
  AttentionParams,
  HeadParams,
  SharedContext,
} from "./attention-params.ts";
import { extraRows } from "./extra-rows.ts";
import { parts, type BlockContext, type PartParams, type PartsBlock } from "./half-block.ts";
import { mixedHeads, type LocalHeads } from "./mixed-heads.ts";
import { normalize, normKinds, type NormKind } from "./norm.ts";
import { joinRows, project, projectRows, type Projected } from "./projections.ts";
import { segmentedAttention } from "./segmented-attention.ts";

export type { AttentionContext, AttentionParams, HeadParams, SharedContext };

type Context = BlockContext<AttentionContext, SharedContext>;

export interface AttentionBlockOptions extends HeadOptions {
  readonly heads: number;
  /** Dropout rate of the block's output. */
  readonly outputDropout: number;
  /** Layer norm when absent. */
  readonly norm?: NormKind;
  /** Rows at a time in norm and projections. */
  readonly rowChunk: number;
  /** Ratio of the longest wavelength to the shortest by which queries and keys turn, after hashing; absent: they do not. */
  readonly rotaryBase?: number;
  /** The first heads attend locally. */
  readonly localHeads?: LocalHeads;
}

const optionKinds: KindsOf<AttentionBlockOptions> = {
  ...headKinds,
  heads: "size",
  outputDropout: "rate",
  norm: orAbsent(normKinds),
  rowChunk: "size",
  rotaryBase: orAbsent("finite"),
  localHeads: orAbsent("object"),
};

type Params = PartParams<HeadParams, AttentionParams["shared"]>;

/**
 * Attention as a sum of one contribution per head: norm and projections, attention, output projection of
 * that head.
 */
export function attentionBlock(options: AttentionBlockOptions): PartsBlock {
  checkRecord(options, optionKinds, "options", "attentionBlock");
  checkConventions(options.conventions, "options.conventions", "attentionBlock");
  const epsilon = options.conventions.normEpsilon;
  const attend = mixedHeads(options);
  return parts(`attention.${options.kind}`, options.heads, {
    chunk: options.rowChunk,
    enter: (params: Params, x): Projected =>
      projectRows(params, normalize(options.norm ?? "layer", params.shared.norm, x, epsilon)),
    mix: (params: Params, entered, { shared, own }: Context, saved) => {
      const [batch, length] = entered.q.shape;
      const extra = extraRows(params.shared.memory, shared, batch);
      const vectors = extra ? joinRows(entered, projectRows(params, extra.rows)) : entered;
      const { out, buckets, statistics } = attend(
        vectors,
        {
          valid: extra ? extra.valid(length) : shared.valid,
          pairs: shared.pairs,
          ...(extra && { queries: length }),
          rotary:
            options.rotaryBase === undefined
              ? null
              : wavesOf(vectors.q, length, options.rotaryBase),
          hashKey: own.hashKey,
          rotations: own.rotations,
          dropoutKey: own.dropoutKey,
          bucketShuffle: own.bucketShuffle,
          buckets: own.buckets,
        },
        saved as Value | null,
        own.head ?? null,
      );
      return { out, saved: buckets, statistics };
    },
    inSegments: (x, context) =>
      options.kind === "local" && isPlain(options, context.shared)
        ? segmentedAttention(options, x)
        : null,
    leave: ({ own, shared }: Params, mixed, context, chunkIndex) => {
      const { outputKey, head = null } = context.own;
      const sum = project(mixed, own.output);
      const out = shared.bias && head ? addOnce(sum, shared.bias, head) : sum;
      return outputKey ? dropout(foldIn(outputKey, chunkIndex), options.outputDropout, out) : out;
    },
  });
}

/** Whether windows of rows are all that a head reads. */
const isPlain = (
  { maskedQueries, rotaryBase, ...options }: AttentionBlockOptions,
  { pairs = null, valid }: SharedContext,
): boolean =>
  hasOwnKeys(options) &&
  rotaryBase === undefined &&
  pairs === null &&
  (maskedQueries !== "window" || valid === null);

/** Queries and keys turn by their place in the text; other keys have none. */
const wavesOf = ({ shape: [, , width] }: Value, length: number, base: number): Value =>
  sinusoids(iota("i32", length), width, { base, layout: "halves" });

/** The bias of the sum of all heads, with the first of them. */
function addOnce(x: Value, bias: Value, head: Value): Value {
  const spread = broadcastInDim(bias, x.shape, [x.shape.length - 1]);
  const isFirst = broadcastInDim(equal(head, 0), x.shape, []);
  return add(x, where(isFirst, spread, zerosLike(spread)));
}
