import type { Value } from "../../src/core/value.ts";
import { fixedSub, fromFixed } from "../../src/lax/index.ts";
import { abs, max, maximum, subtract } from "../../src/numpy/index.ts";
import { invert, type ReformerConfig, type ReformerParams } from "../../src/reformer/index.ts";
import { stackOf } from "../../src/reformer/models/layers.ts";
import {
  contextOf,
  runLayers,
  stackInput,
  streamDType,
} from "../../src/reformer/models/run-stack.ts";
import { toStream } from "../../src/reformer/stack/stream.ts";
import { jit } from "../../src/transforms/index.ts";

/** The largest distance of two streams: their difference is taken before it is rounded to f32. */
const apart = (a: Value, b: Value): Value =>
  max(abs(a.dtype === "f32" ? subtract(a, b) : fromFixed(fixedSub(a, b))));

/**
 * By how much the streams at the bottom of a reversible model differ, at most, from those that are rebuilt from the top: 0 where they are
 * the same bit for bit. Tokens are i32[B, L].
 */
export function largestDrift(
  model: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  random: Value,
): number {
  const drift = jit(
    (given: ReformerParams, inputs: Value, key: Value) => {
      const options = { mode: "evaluation" } as const;
      const context = contextOf(model, inputs, key, options, "largestDrift");
      const embedded = stackInput(model, given, inputs, key, options);
      const { streams } = runLayers(model, given.layers, embedded, context, "evaluation");
      const rebuilt = invert(stackOf(model, "evaluation").layers)(given.layers, streams, context);
      const begun = toStream(embedded, streamDType(model));
      return maximum(apart(rebuilt.first, begun), apart(rebuilt.second, begun));
    },
    { name: "drift" },
  );
  return drift(params, tokens, random).item();
}
