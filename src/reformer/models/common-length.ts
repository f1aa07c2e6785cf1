import { sliceInDim } from "../../lax/index.ts";
import type { Streams } from "../stack/reversible.ts";
import type { ReformerConfig } from "./config.ts";

/**
 * What the layers pad a sequence of `length` tokens to before they pad it to their own chunks: nothing further, or by HuggingFace's
 * convention a common multiple of all chunk lengths, if it is longer than the shortest chunk. There it matters: windows
 * that go around a ring, and automatic bucket counts, depend on it.
 */
export function commonLength(
  config: Pick<ReformerConfig, "conventions" | "layers" | "local" | "lsh">,
  length: number,
): number {
  if (config.conventions !== "huggingface") return length;
  const chunks = [...new Set(config.layers)].flatMap((kind) =>
    kind === "full" ? [] : [config[kind].chunk],
  );
  if (chunks.length === 0 || length <= Math.min(...chunks)) return length;
  const multiple = chunks.reduce(leastCommonMultiple);
  return Math.ceil(length / multiple) * multiple;
}

const leastCommonMultiple = (a: number, b: number): number => (a / greatestDivisor(a, b)) * b;

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** The streams of the first `length` tokens. */
export const trimStreams = ({ first, second }: Streams, length: number): Streams =>
  first.shape[1] === length
    ? { first, second }
    : { first: sliceInDim(first, 0, length, 1), second: sliceInDim(second, 0, length, 1) };
