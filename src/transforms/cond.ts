import { checkList } from "../core/arguments.ts";
import { formatAvals } from "../core/aval.ts";
import { isInteger, type DType } from "../core/dtype.ts";
import { DTypeError, ReformaxError } from "../core/errors.ts";
import { checkSameStructure, unflatten, type TreeDef } from "../core/tree.ts";
import { checkWhole } from "../core/whole.ts";
import type { Value } from "../core/value.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import { bind } from "../ir/interpreter.ts";
import { convert, literal } from "../ir/ops.ts";
import { asValue, flattenArguments, flattenFunction, calleeOf } from "./flat-function.ts";
import { condPrimitive, shareCaptured } from "./cond-primitive.ts";

/**
 * `onTrue(...operands)` or `onFalse(...operands)`, as a traced bool decides; only one runs. Branches
 * may close over arrays. As `jax.lax.cond`.
 *
 * @example
 * import { array, less, neg } from "reformax/numpy";
 * import { cond } from "reformax/lax";
 * const x = array(-3);
 * console.log(cond(less(x, 0), (v) => neg(v), (v) => v, x).item()); // => 3
 */
export function cond<Operands extends readonly unknown[], Result>(
  predicate: Value | boolean,
  onTrue: (...operands: Operands) => Result,
  onFalse: (...operands: Operands) => Result,
  ...operands: Operands
): Result {
  const which = asValue(predicate, "cond");
  if (which.dtype !== "bool" || which.shape.length > 0) {
    throw new DTypeError("the predicate of cond must be a bool scalar", {
      where: "cond",
      expected: "bool[]",
      got: formatAvals([which.aval]),
      fix: "Compare first, e.g. with greater(x, 0).",
    });
  }
  return branchTo(convert(which, "i32"), [onFalse, onTrue], operands, "cond");
}

/**
 * The branch number `index` (clamped to the range) applied to the operands. As `jax.lax.switch`.
 *
 * @example
 * import { array, add, mul } from "reformax/numpy";
 * import { switchCase } from "reformax/lax";
 * const x = array(4);
 * console.log(switchCase(array(1, "i32"), [(v) => add(v, 1), (v) => mul(v, 10)], x).item()); // => 40
 */
export function switchCase<Operands extends readonly unknown[], Result>(
  index: Value | number,
  branches: readonly ((...operands: Operands) => Result)[],
  ...operands: Operands
): Result {
  return branchTo(toBranchIndex(index), branches, operands, "switchCase");
}

function toBranchIndex(index: Value | number): Value {
  const value =
    typeof index === "number"
      ? literal(checkWhole(index, "the index of a branch", "switchCase"), "i32")
      : asValue(index, "switchCase");
  if (isInteger(value.dtype) && value.shape.length === 0) return value;
  throw new DTypeError("the index of a branch must be one integer", {
    where: "switchCase",
    expected: "i32[]",
    got: formatAvals([value.aval]),
  });
}

function branchTo<Operands extends readonly unknown[], Result>(
  index: Value,
  branches: readonly ((...operands: Operands) => Result)[],
  operands: Operands,
  where: string,
): Result {
  if (checkList(branches, "branches", where).length === 0) {
    throw new ReformaxError("no branch is given", {
      where,
      expected: "a list of one function or more",
      got: "[]",
    });
  }
  const { leaves, structure } = flattenArguments(operands, where);
  const avals = leaves.map((leaf) => leaf.aval);
  const traced = branches.map((branch) => {
    const flat = flattenFunction(
      branch,
      structure,
      calleeOf(branch, where).where,
      flattenArguments,
    );
    const closed = stage(flat.call, avals);
    return { closed, structure: flat.resultStructure() };
  });
  const resultStructure: TreeDef = traced[0].structure;
  traced.forEach((branch) => checkSameStructure(resultStructure, branch.structure, where));
  const settled = settleResults(traced.map((branch) => branch.closed));
  const { captured, programs } = shareCaptured(settled);
  const results = bind(condPrimitive, [index, ...captured, ...leaves], { branches: programs });
  return unflatten<Result>(resultStructure, results);
}

/** A number that a branch returns takes the dtype of what another returns in its place; numbers alone are f32. */
function settleResults(branches: readonly ClosedProgram[]): readonly ClosedProgram[] {
  const avals = branches.map(({ program }) => program.outputs.map((atom) => atom.aval));
  if (!avals.some((results) => results.some(({ weak }) => weak))) return branches;
  const dtypeOf = (result: number): DType =>
    avals.find((results) => !results[result].weak)?.[result].dtype ?? "f32";
  return branches.map(({ program, captured }) => {
    const settled = stage(
      (...inputs) =>
        evaluateProgram(program, inputs).map((value, i) =>
          value.aval.weak && canBe(value.dtype, dtypeOf(i)) ? convert(value, dtypeOf(i)) : value,
        ),
      program.inputs.map((input) => input.aval),
    );
    return { program: settled.program, captured };
  });
}

/** A fraction is no integer; a whole number may be either. */
const canBe = (weak: DType, dtype: DType): boolean =>
  weak === dtype || dtype === "f32" || (weak === "i32" && isInteger(dtype));
