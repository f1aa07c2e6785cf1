import { avalOf, formatAval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { checkShape, sizeOf, type Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import { bindNamed, broadcastInDim, full, iota, reshape, slice, xor } from "../../ir/ops.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { moveAxis } from "../batch-axes.ts";
import { expectDType, expectRankFrom } from "../operand-checks.ts";
import { threefryBlock } from "./threefry-block.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly randomBits: RandomBitsParams;
  }
}

export interface RandomBitsParams {
  /** Shape of the stream of one key. */
  readonly shape: Shape;
}

const where = "randomBits";

/**
 * Uniform 32-bit words: key u32[keys..., 2] -> u32[keys..., shape...]. Word i of a key's stream is the
 * exclusive or of the two words of Threefry-2x32 at the counter (0, i): the stream of
 * `jax.random.bits` with `jax_threefry_partitionable`, its default.
 */
export const randomBits = definePrimitive<RandomBitsParams>({
  name: where,
  abstractEval: ([key], { shape }) => {
    expectDType(where, "the key", key, ["u32"]);
    expectRankFrom(where, "the key", key, 1);
    if (key.shape[key.shape.length - 1] !== 2) {
      throw new ShapeError("a key has two words", {
        where,
        expected: "u32[...,2]",
        got: formatAval(key),
        fix: "Make keys with random.key and random.split.",
      });
    }
    return [avalOf("u32", checkShape([...key.shape.slice(0, -1), ...shape], where))];
  },
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
  batch: ([key], [mapped = 0], params) => ({
    values: bindNamed(where, [moveAxis(key, mapped, 0)], params),
    axes: [0],
  }),
  lower: { kind: "kernel" },
  decompose: ([key], { shape }) => {
    const keys = key.shape.slice(0, -1);
    const result = [...keys, ...shape];
    const each = keys.map((_, axis) => axis);
    const word = (i: number): Value => {
      const start = [...keys.map(() => 0), i];
      return broadcastInDim(reshape(slice(key, start, [...keys, i + 1]), keys), result, each);
    };
    const index = reshape(iota("u32", [sizeOf(shape)], 0), shape);
    const counter = broadcastInDim(
      index,
      result,
      shape.map((_, axis) => keys.length + axis),
    );
    const [x0, x1] = bindNamed("threefry2x32", [word(0), word(1), full(result, 0, "u32"), counter]);
    return [xor(x0, x1)];
  },
  reference: ([key], [out], { shape }) => {
    const count = sizeOf(shape);
    for (let i = 0; i < out.words.length; i++) {
      const stream = Math.floor(i / count);
      const [x0, x1] = threefryBlock(
        key.words[2 * stream],
        key.words[2 * stream + 1],
        0,
        i % count,
      );
      out.words[i] = x0 ^ x1;
    }
  },
});
