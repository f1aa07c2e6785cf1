import { expect, it } from "vitest";
import { grad, jit, jvp, tree, type Tensor, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { reversible, stored, type StackFunction } from "../../src/reformer/stack/reversible.ts";
import { expectCloseToLargest, f32, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { apply, differentiable, type Differentiable } from "./stack-gradients.ts";
import { defaultOptions, makeStack, q32, type Stack } from "./stacks.ts";

/** So fine a grid (2^-26, range 32) that differences of f32 gradients do not see the rounding. */
const fine = q32(26);

// Local attention and gates are smooth; buckets would change under the steps of a difference.
const stack: Stack = makeStack({
  ...defaultOptions,
  kinds: ["local", "memory"],
  batch: 1,
  length: 5,
  width: 4,
  heads: 2,
  headWidth: 2,
  chunkLength: 2,
  rowChunk: 3,
});

const point = differentiable(stack);
const cotangents = stack.inputs.map((x, i) => normalTensor(70 + i, x.shape));
const direction: Differentiable = tree.map(
  (x: Tensor) => normalTensor(80 + x.size, x.shape),
  point,
);

const loss =
  (run: StackFunction) =>
  (at: Differentiable): Value => {
    const outs = apply(run, fine)(at, stack.context);
    // Not linear in the streams, so that cotangents have derivatives as well.
    const terms = outs.map((out, i) => np.sum(np.mul(cotangents[i], np.sin(out))));
    return np.add(terms[0], terms[1]);
  };

const moved = (step: number): Differentiable =>
  tree.map(
    (x: Tensor, t: Tensor) =>
      f32(
        x.shape,
        x.words().map((word, i) => word + step * t.words()[i]),
      ),
    point,
    direction,
  );

const leaves = (values: unknown): readonly Value[] => tree.leaves<Value>(values);

describeBackends("second derivatives through an exact stack", () => {
  const { layers } = stack;
  const gradient = jit(grad(loss(reversible(layers))));
  /** d/ds gradient(point + s direction) by four points. */
  const differences = (): readonly Float64Array[] => {
    const h = 0.01;
    const at = [-2, -1, 1, 2].map((step) =>
      leaves(gradient(moved(step * h))).map((leaf) => leaf.dataSync()),
    );
    return at[0].map((words, leaf) =>
      Float64Array.from(words, (_, i) => {
        const [a, b, c, d] = at.map((gradients) => gradients[leaf][i]);
        return (a - 8 * b + 8 * c - d) / (12 * h);
      }),
    );
  };

  it("grad of grad is the derivative of the gradient by differences", () => {
    const expected = differences();
    const slope = (at: Differentiable): Value =>
      leaves(grad(loss(reversible(layers)))(at)).reduce<Value>(
        (sum, leaf, i) => np.add(sum, np.sum(np.mul(leaf, leaves(direction)[i]))),
        np.array(0),
      );
    const second = leaves(jit(grad(slope))(point));
    second.forEach((leaf, i) =>
      expectCloseToLargest(leaf.dataSync(), expected[i], 1e-2, tree.paths(point)[i]),
    );
    expect(second.some((leaf) => leaf.dataSync().some((word) => Math.abs(word) > 0.1))).toBe(true);
  });

  it("forward mode over the gradient gives the same", () => {
    const expected = differences();
    const [, tangent] = jvp(grad(loss(reversible(layers))), [point], [direction]);
    leaves(tangent).forEach((leaf, i) =>
      expectCloseToLargest(leaf.dataSync(), expected[i], 1e-2, tree.paths(point)[i]),
    );
  });

  it("agrees with the stored stack", () => {
    const [ours, theirs] = [reversible(layers), stored(layers)].map((run) => {
      const pushed = (at: Differentiable): Differentiable =>
        jvp(grad(loss(run)), [at], [direction])[1];
      return leaves(jit(pushed)(point));
    });
    ours.forEach((leaf, i) =>
      expectCloseToLargest(leaf.dataSync(), theirs[i].dataSync(), 1e-4, tree.paths(point)[i]),
    );
  });
});
