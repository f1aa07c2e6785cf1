import { checkOptions } from "../core/arguments.ts";
import { checkWhole } from "../core/whole.ts";
import { ShapeError, TreeError } from "../core/errors.ts";
import { checkSameStructure, flatten, unflatten } from "../core/tree.ts";
import type { Aval } from "../core/aval.ts";
import type { Value } from "../core/value.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { convert } from "../ir/ops.ts";
import { flattenArguments, flattenResults, flattenValues, calleeOf } from "./flat-function.ts";
import { scanPrimitive } from "./scan-primitive.ts";
import { carryTypes, settleWeak } from "./weak-carry.ts";

export interface ScanOptions {
  /** Number of iterations; needed only when there are no xs. */
  readonly length?: number;
  /** From the last x to the first. */
  readonly reverse?: boolean;
}

/**
 * A loop that carries a tree and walks along the leading axis of `xs`: `f(carry, x)` returns
 * `[carry, y]`; the result is the last carry and all ys stacked. The body is traced once and stays
 * one function in the compiled plan. As `jax.lax.scan`.
 *
 * @throws ShapeError when xs differ in length or the carry changes its type
 * @example
 * import { array, add } from "reformax/numpy";
 * import { scan } from "reformax/lax";
 * const [total, running] = scan((sum, x) => [add(sum, x), add(sum, x)], array(0), array([1, 2, 3]));
 * console.log(total.item(), running.toArray()); // => 6 [ 1, 3, 6 ]
 */
export function scan<Carry, X, Y>(
  f: (carry: Carry, x: X) => readonly [Carry, Y],
  init: Carry,
  xs: X,
  options: ScanOptions = {},
): [Carry, Y] {
  return scanAs(calleeOf(f, "scan").where, f, init, xs, options);
}

/** {@link scan}, also for functions that go through it and have their own names. */
export function scanAs<Carry, X, Y>(
  where: string,
  f: (carry: Carry, x: X) => readonly [Carry, Y],
  init: Carry,
  xs: X,
  options: ScanOptions = {},
): [Carry, Y] {
  checkOptions(options, { length: "number", reverse: "flag" }, where);
  const carry = flattenArguments(init, where);
  const sequence = flattenValues(xs, where);
  const length = scanLength(sequence.leaves, options.length, where);
  let resultStructure = flatten([]).structure;
  const carryCount = carry.leaves.length;
  const elementAvals = sequence.leaves.map(({ aval }) => ({ ...aval, shape: aval.shape.slice(1) }));

  const traceBody = (carryAvals: readonly Aval[], settle: typeof settleWeak): ClosedProgram =>
    stage(
      (...values) => {
        const state = unflatten<Carry>(carry.structure, values.slice(0, carryCount));
        const element = unflatten<X>(sequence.structure, values.slice(carryCount));
        const result: unknown = f(state, element);
        if (!Array.isArray(result) || result.length !== 2) {
          throw new TreeError("the body must return [carry, y]", {
            where,
            got: flatten(result).structure.text,
          });
        }
        const next = flattenArguments(result[0], where);
        checkSameStructure(carry.structure, next.structure, `${where}: carry`);
        const y = flattenResults(result[1], where);
        resultStructure = y.structure;
        return [...next.leaves.map((leaf, i) => settle(leaf, carryAvals[i])), ...y.leaves];
      },
      [...carryAvals, ...elementAvals],
    );

  const carryAvals = carryTypes(
    carry.leaves.map((leaf) => leaf.aval),
    (types) => traceBody(types, (leaf) => leaf).program.outputs.map((atom) => atom.aval),
  );
  const { program: body, captured } = traceBody(carryAvals, settleWeak);
  const starts = carry.leaves.map((leaf, i) => convert(leaf, carryAvals[i].dtype));
  const results = bind(scanPrimitive, [...captured, ...starts, ...sequence.leaves], {
    body,
    length,
    reverse: options.reverse ?? false,
    numConsts: captured.length,
    numCarry: carryCount,
  });
  return [
    unflatten<Carry>(carry.structure, results.slice(0, carryCount)),
    unflatten<Y>(resultStructure, results.slice(carryCount)),
  ];
}

function scanLength(leaves: readonly Value[], given: number | undefined, where: string): number {
  const lengths = leaves.map((leaf) => {
    if (leaf.shape.length === 0) {
      throw new ShapeError("xs need a leading axis to walk along", {
        where,
        expected: "arrays of rank 1 or more",
        got: "a scalar",
      });
    }
    return leaf.shape[0];
  });
  const length = given ?? lengths[0];
  if (length === undefined) {
    throw new ShapeError("without xs the number of iterations is needed", {
      where,
      expected: "xs, or { length }",
      got: "neither",
      fix: "Give { length }.",
    });
  }
  checkWhole(length, "the number of iterations", where, 0);
  if (lengths.some((n) => n !== length)) {
    throw new ShapeError("xs differ in length", {
      where,
      expected: String(length),
      got: lengths.join(", "),
    });
  }
  return length;
}

/**
 * Applies `f` to the slices along the leading axis one after another and stacks the results: like
 * vmap in meaning, like a loop in memory. As `jax.lax.map`.
 *
 * @example
 * import { array, square } from "reformax/numpy";
 * import { map } from "reformax/lax";
 * console.log(map((x) => square(x), array([1, 2, 3])).toArray()); // => [ 1, 4, 9 ]
 */
export function map<X, Y>(f: (x: X) => Y, xs: X): Y {
  const [, ys] = scanAs<null, X, Y>(
    calleeOf(f, "map").where,
    (carry, x) => [carry, f(x)],
    null,
    xs,
  );
  return ys;
}
