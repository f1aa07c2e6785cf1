import { checkFunction } from "../core/arguments.ts";
import type { Aval } from "../core/aval.ts";
import { checkSameStructure, unflatten } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { convert } from "../ir/ops.ts";
import { asResult, flattenArguments } from "./flat-function.ts";
import { carryTypes, settleWeak } from "./weak-carry.ts";
import { whilePrimitive } from "./while-primitive.ts";

/**
 * Repeats `body` while `condition` holds. Forward mode works; reverse mode is an error, because the
 * number of iterations is not known beforehand. As `jax.lax.while_loop`.
 *
 * @example
 * import { array, less, mul } from "reformax/numpy";
 * import { whileLoop } from "reformax/lax";
 * console.log(whileLoop((x) => less(x, 100), (x) => mul(x, 2), array(1)).item()); // => 128
 */
export function whileLoop<Carry>(
  condition: (carry: Carry) => Value,
  body: (carry: Carry) => Carry,
  init: Carry,
): Carry {
  return whileAs("whileLoop", condition, body, init);
}

/** {@link whileLoop} for the function of that name. */
export function whileAs<Carry>(
  where: string,
  condition: (carry: Carry) => Value,
  body: (carry: Carry) => Carry,
  init: Carry,
): Carry {
  checkFunction(condition, "the condition", where);
  checkFunction(body, "the body", where);
  const { leaves, structure } = flattenArguments(init, where);
  const traceBody = (types: readonly Aval[], settle: typeof settleWeak): ClosedProgram =>
    stage((...inputs) => {
      const next = flattenArguments(body(unflatten<Carry>(structure, inputs)), where);
      checkSameStructure(structure, next.structure, where);
      return next.leaves.map((leaf, i) => settle(leaf, types[i]));
    }, types);
  const avals = carryTypes(
    leaves.map(({ aval }) => aval),
    (types) => traceBody(types, (leaf) => leaf).program.outputs.map((atom) => atom.aval),
  ).map((aval) => ({ ...aval, weak: false }));
  const test = stage(
    (...inputs) => [asResult(condition(unflatten<Carry>(structure, inputs)), where)],
    avals,
  );
  const step = traceBody(avals, settleWeak);
  const starts = leaves.map((leaf, i) => convert(leaf, avals[i].dtype));
  const results = bind(whilePrimitive, [...test.captured, ...step.captured, ...starts], {
    condition: test.program,
    body: step.program,
    numConditionConsts: test.captured.length,
    numBodyConsts: step.captured.length,
  });
  return unflatten<Carry>(structure, results);
}
