import type { Value } from "../../core/value.ts";
import { dropout } from "../../nn/index.ts";
import { foldIn } from "../../random/index.ts";
import { crossAttention } from "../attention/cross-attention.ts";
import type { AttentionParams, SharedContext } from "./attention-params.ts";
import { project } from "./projections.ts";
import { normalize } from "./norm.ts";
import { parts, type BlockContext, type PartParams, type PartsBlock } from "./half-block.ts";

/** Parameters of a cross-attention half-block: the norm of its own text, and stacked per head the projections. */
export interface CrossAttentionParams extends AttentionParams {
  readonly parts: CrossHeadParams;
}

export interface CrossHeadParams {
  /** f32[d, width], of the text itself. */
  readonly query: Value;
  /** f32[d, width], of the other text. */
  readonly key: Value;
  /** f32[d, width], of the other text. */
  readonly value: Value;
  /** f32[width, d] */
  readonly output: Value;
}

/** What belongs to one cross-attention half-block, stacked per head along the leading axis. */
export interface CrossAttentionContext {
  /** u32[heads, 2]; null without dropout. */
  readonly dropoutKey: Value | null;
  /** u32[heads, 2], the same key for every head: a feature is dropped from the sum of heads. */
  readonly outputKey: Value | null;
}

/** What all layers of a decoder read. */
export interface SourceContext extends SharedContext {
  /** What an encoder made of the other text, f32[B, S, d]. */
  readonly source: Value;
  /** 1 for its real tokens, i32[B, S]; null when all are. */
  readonly sourceValid: Value | null;
}

export interface CrossAttentionOptions {
  readonly heads: number;
  readonly normEpsilon: number;
  readonly keepProbability: number | null;
  /** Dropout rate of the block's output. */
  readonly outputDropout: number;
  /** Rows at a time in norm and projections. */
  readonly rowChunk: number;
}

/** Full attention to what an encoder made of another text, of whatever length, as a sum of one contribution per head. */
export function crossAttentionBlock(options: CrossAttentionOptions): PartsBlock {
  type Part = PartParams<CrossHeadParams, AttentionParams["shared"]>;
  type Context = BlockContext<CrossAttentionContext, SourceContext>;
  const { heads, normEpsilon: epsilon, keepProbability, outputDropout, rowChunk } = options;
  return parts("crossAttention", heads, {
    chunk: rowChunk,
    enter: ({ shared, own }: Part, x): Value =>
      project(normalize("layer", shared.norm, x, epsilon), own.query),
    mix: ({ own }: Part, q: Value, { shared, own: random }: Context) => {
      const { source, sourceValid } = shared;
      const vectors = { q, k: project(source, own.key), v: project(source, own.value) };
      const { dropoutKey } = random;
      return {
        out: crossAttention(vectors, { valid: sourceValid, keepProbability, dropoutKey }),
        saved: null,
      };
    },
    leave: ({ own }, mixed, { own: random }, chunkIndex) => {
      const out = project(mixed, own.output);
      const { outputKey } = random;
      return outputKey ? dropout(foldIn(outputKey, chunkIndex), outputDropout, out) : out;
    },
  });
}
