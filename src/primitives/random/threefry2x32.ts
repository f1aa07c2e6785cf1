import { avalOf } from "../../core/aval.ts";
import type { Value } from "../../core/value.ts";
import { add, bindNamed, fullLike, or, shiftLeft, shiftRightLogical, xor } from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { expectDType, expectShape } from "../operand-checks.ts";
import { keyParity, rotations, threefryBlock } from "./threefry-block.ts";

const where = "threefry2x32";

/**
 * The Threefry-2x32 block function element by element: operands k0, k1, c0, c1 (u32 of one shape),
 * results the two words (`jax.random`'s `threefry2x32_p`).
 */
export const threefry2x32 = definePrimitive<Params>({
  name: where,
  abstractEval: (inputs) => {
    for (const input of inputs) {
      expectDType(where, "an operand", input, ["u32"]);
      expectShape(where, "an operand", input, inputs[0].shape);
    }
    const result = avalOf("u32", inputs[0].shape);
    return [result, result];
  },
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
  batch: (values, axes, _params, size) => ({
    values: bindNamed(
      where,
      values.map((value, i) => mappedAt(value, axes[i], 0, size)),
    ),
    axes: [0, 0],
  }),
  lower: { kind: "kernel" },
  decompose: ([k0, k1, c0, c1]) => {
    const keys = [k0, k1, xor(xor(k0, k1), fullLike(k0, keyParity))];
    let x0 = add(c0, k0);
    let x1 = add(c1, k1);
    for (let group = 1; group <= 5; group++) {
      for (const distance of rotations[(group - 1) % 2]) {
        x0 = add(x0, x1);
        x1 = xor(rotateLeft(x1, distance), x0);
      }
      x0 = add(x0, keys[group % 3]);
      x1 = add(x1, add(keys[(group + 1) % 3], fullLike(k0, group)));
    }
    return [x0, x1];
  },
  reference: ([k0, k1, c0, c1], [first, second]) => {
    for (let i = 0; i < first.words.length; i++) {
      [first.words[i], second.words[i]] = threefryBlock(
        k0.words[i],
        k1.words[i],
        c0.words[i],
        c1.words[i],
      );
    }
  },
});

const rotateLeft = (x: Value, distance: number): Value =>
  or(shiftLeft(x, fullLike(x, distance)), shiftRightLogical(x, fullLike(x, 32 - distance)));
