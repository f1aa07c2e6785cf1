import { avalOf } from "../../core/aval.ts";
import { sizeOf } from "../../core/shape.ts";
import { inputBuffer, outputBuffer } from "../../ir/lowering.ts";
import { bindNamed } from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { expectDType, expectShape } from "../operand-checks.ts";
import { threefryBlock } from "./threefry-block.ts";

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
  lower: {
    kind: "kernel",
    calls: (_params, [k0]) => ({
      steps: [
        {
          kernel: "threefry2x32",
          buffers: [...[0, 1, 2, 3].map(inputBuffer), outputBuffer(0), outputBuffer(1)],
          immediates: [sizeOf(k0.shape)],
        },
      ],
    }),
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
