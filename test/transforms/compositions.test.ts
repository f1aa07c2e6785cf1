import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  checkProgram,
  grad,
  jit,
  jvp,
  makeProgram,
  printProgram,
  vjp,
  vmap,
  type Value,
} from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { expectClose, expectSameBits, f32, i32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { along, build, descriptions, gradientOf, orderOf, width } from "./compositions.ts";

const points = [
  [0.3, -0.7, 0.5],
  [-0.2, 0.9, 0.4],
  [0.6, 0.1, -0.8],
];
const cotangent = [0.7, -0.4, 0.9];
const tangent = [0.2, 0.5, -0.6];
const tolerance = { absolute: 3e-4, relative: 3e-4 };

const scalar = (i: number): Value => i32([], [i]);
const vector = (x: readonly number[]): Value => f32([width], x);
/** As the traced functions see it. */
const rounded = (x: readonly number[]): number[] => x.map(Math.fround);

const compositions = descriptions
  .filter((description) => orderOf(description) <= 2)
  .map((description) => {
    const { text, ...functions } = build(description);
    return { text, order: orderOf(description), ...functions, toString: () => text };
  });

const runs = (numRuns: number): fc.Parameters<unknown> => ({ numRuns, verbose: false });

describeBackends("any composition of transformations", (backend) => {
  const numRuns = backend === "reference" ? 40 : 25;

  it("has the values of plain loops, the same bits under jit, and well-formed programs", () => {
    fc.assert(
      fc.property(compositions, fc.integer({ min: 0, max: 2 }), ({ apply, plain }, i) => {
        const x = vector(points[0]);
        const eager = apply(x, scalar(i));
        expectClose(eager.dataSync(), plain(rounded(points[0]), i), tolerance, "value");
        expectSameBits(jit(apply)(x, scalar(i)), eager, "under jit");
        const program = makeProgram(apply)(x, scalar(i));
        expect(checkProgram(program)).toBe(program);
        expect(printProgram(makeProgram(apply)(x, scalar(i)))).toBe(printProgram(program));
      }),
      runs(numRuns),
    );
  });

  it("under vmap is a loop over the batch", () => {
    fc.assert(
      fc.property(compositions, fc.boolean(), ({ apply }, jitted) => {
        const batched = jitted ? jit(vmap(apply)) : vmap(apply);
        const result = batched(f32([3, width], points.flat()), i32([3], [0, 2, 1]));
        const rows = [0, 2, 1].map((i, n) => apply(vector(points[n]), scalar(i)));
        expectSameBits(result, np.stack(rows), "batch");
      }),
      runs(numRuns),
    );
  });

  it("has the derivatives of finite differences", () => {
    const counts = { reverse: 0, forward: 0, second: 0 };
    fc.assert(
      fc.property(
        compositions,
        fc.integer({ min: 0, max: 2 }),
        fc.boolean(),
        (drawn, i, outerJit) => {
          const index = scalar(i);
          const x = vector(points[0]);
          const f = (y: Value): Value => drawn.apply(y, index);
          const plain = (y: readonly number[]): number[] => drawn.plain(y, i);
          const at = rounded(points[0]);
          if (drawn.forwardAfter(0)) {
            counts.forward++;
            const push = (y: Value): Value => jvp(f, [y], [vector(tangent)])[1];
            const pushed = outerJit ? jit(push)(x) : push(x);
            expectClose(pushed.dataSync(), along(plain, at, tangent), tolerance, "jvp");
          }
          if (!drawn.reverse) return;
          counts.reverse++;
          const pull = (y: Value): Value => vjp(f, y)[1](vector(cotangent))[0];
          const pulled = outerJit ? jit(pull)(x) : pull(x);
          expectClose(pulled.dataSync(), gradientOf(plain, at, cotangent), tolerance, "vjp");
          if (drawn.order > 1) return;
          counts.second++;
          // Forward and reverse mode over the gradient; gradients are ordinary functions even of a customVjp.
          const slope = (y: Value): Value => np.sum(np.mul(vector(tangent), pull(y)));
          const expected = gradientOf((y) => gradientOf(plain, y, cotangent), at, tangent);
          const twice = outerJit ? jit(grad(slope)) : grad(slope);
          expectClose(twice(x).dataSync(), expected, tolerance, "grad of grad");
          if (!drawn.forwardAfter(1)) return;
          const mixed = jvp(pull, [x], [vector(tangent)])[1];
          expectClose(mixed.dataSync(), expected, tolerance, "jvp of grad");
        },
      ),
      runs(numRuns),
    );
    expect(Math.min(counts.reverse, counts.forward, counts.second)).toBeGreaterThan(5);
  });

  it("has gradients that batch", () => {
    fc.assert(
      fc.property(compositions, ({ apply, reverse }) => {
        if (!reverse) return;
        const slope = (x: Value, i: Value): Value =>
          vjp((y: Value) => apply(y, i), x)[1](vector(cotangent))[0];
        const result = jit(vmap(slope))(f32([3, width], points.flat()), i32([3], [0, 2, 1]));
        const rows = [0, 2, 1].map((i, n) => slope(vector(points[n]), scalar(i)));
        expectClose(
          result.dataSync(),
          np.stack(rows).dataSync(),
          { absolute: 1e-5, relative: 1e-5 },
          "batch of gradients",
        );
        // The gradient of the batch: a shared index, and the sum over rows in one function.
        const total = (xs: Value, i: Value): Value =>
          np.sum(np.mul(vector(cotangent), vmap(apply, { inAxes: [0, null] })(xs, i)));
        const whole = grad(total)(f32([3, width], points.flat()), scalar(1));
        const alone = points.map((x) => slope(vector(x), scalar(1)));
        expectClose(
          whole.dataSync(),
          np.stack(alone).dataSync(),
          { absolute: 1e-5, relative: 1e-5 },
          "gradient of a batch",
        );
      }),
      runs(numRuns),
    );
  });
});
