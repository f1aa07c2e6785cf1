import { checkArray } from "../../core/check-array.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, iota } from "../../lax/index.ts";
import { embedding } from "../../nn/index.ts";
import { add } from "../../numpy/index.ts";
import { checkConfig } from "./check-config.ts";
import type { ReformerConfig } from "./config.ts";
import type { InputParams } from "./params.ts";
import { longestLength, positionVectors } from "./positions.ts";

/** Embeddings plus positions, f32[B, L, width]. */
export function embedTokens(config: ReformerConfig, params: InputParams, tokens: Value): Value {
  const [, length] = checkTokens(tokens);
  const vectors = embedding(params.embedding, tokens);
  requireLength(config, length, "embedTokens");
  const positions = positionVectors(config, params.positions, iota("i32", length));
  return positions ? add(vectors, broadcastInDim(positions, vectors.shape, [1, 2])) : vectors;
}

/** Batch and length of tokens i32[B, L]. */
export function checkTokens(
  tokens: Value,
  what = "tokens",
  where = "reformer",
): readonly [number, number] {
  const [batch, length] = checkArray(tokens, "i32", ["batch", "length"], what, where).shape;
  return [batch, length];
}

/**
 * Throws unless a sequence of this length has positions.
 * @example
 * import { checkLength, reformerConfig } from "reformax/reformer";
 * checkLength(reformerConfig({ positions: { kind: "learned", length: 64 } }), 64);
 */
export function checkLength(config: ReformerConfig, length: number): void {
  checkConfig(config, "checkLength");
  requireLength(config, length, "checkLength");
}

/** The same for whoever calls it. */
export function requireLength({ positions }: ReformerConfig, length: number, where: string): void {
  const longest = longestLength(positions);
  if (Number.isInteger(length) && length > 0 && length <= longest) return;
  throw new ReformaxError("the sequence does not fit the positions", {
    where,
    expected: longest === Infinity ? "a token at least" : `1 to ${longest} tokens`,
    got: describeArgument(length),
  });
}
