import type { Value } from "../../core/value.ts";
import { add, concatenate, mul, reduceProduct as product } from "../../ir/ops.ts";
import { reshape, slice, transpose } from "../../ir/ops.ts";
import { otherAxes } from "../rules/axes.ts";
import { reduction } from "../rules/reduction.ts";

/**
 * Product over axes (`lax.reduce_prod`); integers wrap. The tangent is built by the product rule over
 * a tree of pairs, so zeros among the elements divide nothing and higher derivatives are right
 * there too. The reference multiplies f32 in float64 and rounds once.
 */
export const reduceProduct = reduction({
  name: "reduceProduct",
  dtypes: ["f32", "i32", "u32"],
  op: "product",
  combine: (elements, dtype) =>
    dtype === "f32"
      ? elements.reduce((result, x) => result * x, 1)
      : elements.reduce((result, x) => Math.imul(result, x), 1),
  jvp: ([x], [tangent], { axes }) => ({
    primals: [product(x, axes)],
    tangents: [tangent && productTangent(x, tangent, axes)],
  }),
});

/** Halves the factors until one is left: (ab)' = a b' + b a'. */
function productTangent(x: Value, tangent: Value, axes: readonly number[]): Value | undefined {
  let factors = factorsFirst(x, axes);
  let tangents = factorsFirst(tangent, axes);
  if (factors.shape[0] === 0) return undefined;
  while (factors.shape[0] > 1) {
    const half = Math.floor(factors.shape[0] / 2);
    const [a, da] = [rows(factors, 0, half), rows(tangents, 0, half)];
    const [b, db] = [rows(factors, half, 2 * half), rows(tangents, half, 2 * half)];
    const [rest, dRest] = [rows(factors, 2 * half), rows(tangents, 2 * half)];
    factors = concatenate([mul(a, b), rest], 0);
    tangents = concatenate([add(mul(db, a), mul(da, b)), dRest], 0);
  }
  return reshape(tangents, tangents.shape.slice(1));
}

/** The reduced axes as one leading axis. */
function factorsFirst(x: Value, axes: readonly number[]): Value {
  const kept = otherAxes(x.shape.length, axes);
  const shape = kept.map((axis) => x.shape[axis]);
  const count = axes.reduce((n, axis) => n * x.shape[axis], 1);
  return reshape(transpose(x, [...axes, ...kept]), [count, ...shape]);
}

const rows = (x: Value, from: number, to = x.shape[0]): Value =>
  slice(
    x,
    x.shape.map((_, axis) => (axis === 0 ? from : 0)),
    x.shape.map((n, axis) => (axis === 0 ? to : n)),
  );
