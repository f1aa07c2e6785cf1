import { formatAval } from "../../core/aval.ts";
import { ReformaxError, ShapeError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, iota } from "../../lax/index.ts";
import { embedding } from "../../nn/index.ts";
import { add } from "../../numpy/index.ts";
import type { ReformerConfig } from "./config.ts";
import type { InputParams } from "./params.ts";
import { longestLength, positionVectors } from "./positions.ts";

/** Embeddings plus positions, f32[B, L, width]. */
export function embedTokens(config: ReformerConfig, params: InputParams, tokens: Value): Value {
  const [, length] = checkTokens(tokens);
  const vectors = embedding(params.embedding, tokens);
  checkLength(config, length);
  const positions = positionVectors(config, params.positions, iota("i32", length));
  return positions ? add(vectors, broadcastInDim(positions, vectors.shape, [1, 2])) : vectors;
}

/** Batch and length of tokens i32[B, L]. */
export function checkTokens(tokens: Value): readonly [number, number] {
  if (tokens.dtype !== "i32" || tokens.shape.length !== 2) {
    throw new ShapeError("tokens must be a batch of sequences", {
      where: "reformer",
      expected: "i32[batch, length]",
      got: formatAval(tokens.aval),
    });
  }
  return [tokens.shape[0], tokens.shape[1]];
}

/**
 * Throws unless a sequence of this length has positions.
 * @example
 * import { checkLength, reformerConfig } from "reformax/reformer";
 * checkLength(reformerConfig({ positions: { kind: "learned", length: 64 } }), 64);
 */
export function checkLength({ positions }: ReformerConfig, length: number): void {
  const longest = longestLength(positions);
  if (length > 0 && length <= longest) return;
  throw new ReformaxError("the sequence does not fit the positions", {
    where: "reformer",
    expected: longest === Infinity ? "a token at least" : `1 to ${longest} tokens`,
    got: String(length),
  });
}
