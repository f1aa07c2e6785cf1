import { formatAvals, sameArrayType } from "../core/aval.ts";
import { DifferentiationError, DTypeError, ShapeError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import { stageClosed } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import { bind } from "../ir/interpreter.ts";
import { broadcastInDim, reduceOr, select } from "../ir/ops.ts";
import {
  definePrimitive,
  type BatchAxis,
  type BatchResult,
  type JvpResult,
  type Primitive,
  type Tangent,
} from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { mappedAt } from "../primitives/batch-axes.ts";
import { batchProgram } from "./batch-program.ts";
import type { WhileForm } from "../ir/control.ts";
import { jvpProgram } from "./jvp.ts";
import { definedOnly, instantiate, isNonZero, pick, spread, tangentAval } from "./tangents.ts";

/** Repeats the body while the condition holds; operands are condition consts, body consts, carry. */
export const whilePrimitive: Primitive<WhileForm> = definePrimitive<WhileForm>({
  name: "while",
  abstractEval: (inputs, { condition, body, numConditionConsts, numBodyConsts }) => {
    const carry = inputs.slice(numConditionConsts + numBodyConsts);
    const [test] = condition.outputs;
    if (
      condition.outputs.length !== 1 ||
      test.aval.dtype !== "bool" ||
      test.aval.shape.length > 0
    ) {
      throw new DTypeError("the condition must return one bool", {
        where: "whileLoop",
        got: formatAvals(condition.outputs.map((atom) => atom.aval)),
      });
    }
    const after = body.outputs.map((atom) => atom.aval);
    if (after.length !== carry.length || !after.every((aval, i) => sameArrayType(aval, carry[i]))) {
      throw new ShapeError("the carry changes its type in the body", {
        where: "whileLoop",
        expected: formatAvals(carry),
        got: formatAvals(after),
      });
    }
    return after;
  },
  jvp: (primals, tangents, params) => jvpOfWhile(primals, tangents, params),
  linearize: () => {
    throw new DifferentiationError("reverse mode through whileLoop is not possible", {
      where: "whileLoop",
      got: "a loop whose number of iterations is only known when it runs",
      fix: "Use scan or foriLoop with a fixed number of iterations, or forward mode (jvp).",
    });
  },
  transpose: "nonLinear",
  batch: (values, axes, params, size) => batchWhile(values, axes, params, size),
  lower: { kind: "control", form: "while" },
  reference: "byProgram",
});

function jvpOfWhile(
  primals: readonly Value[],
  tangents: readonly Tangent[],
  params: WhileForm,
): JvpResult {
  const { condition, body, numConditionConsts, numBodyConsts } = params;
  const carryStart = numConditionConsts + numBodyConsts;
  const bodyTangents = tangents.slice(numConditionConsts);
  let mask = bodyTangents.map(isNonZero);
  for (;;) {
    const current = mask;
    const carryMask = current.slice(numBodyConsts);
    const { constants, program, outputMask } = jvpProgram(body, {
      mask: current,
      instantiate: carryMask,
    });
    mask = current.map(
      (present, i) => present || (i >= numBodyConsts && outputMask[i - numBodyConsts]),
    );
    if (!mask.every((present, i) => present === current[i])) continue;
    const constTangents = pick(bodyTangents, current).slice(
      0,
      countTrue(current.slice(0, numBodyConsts)),
    );
    const carry = primals.slice(carryStart);
    const carryTangents = carry.flatMap((value, i) =>
      carryMask[i] ? [instantiate(tangents[carryStart + i], value.aval)] : [],
    );
    const own = program.inputs.slice(constants.length);
    const regrouped: Program = {
      ...program,
      inputs: [
        ...program.inputs.slice(0, constants.length),
        ...own.slice(0, numBodyConsts),
        ...own.slice(body.inputs.length, body.inputs.length + constTangents.length),
        ...own.slice(numBodyConsts, body.inputs.length),
        ...own.slice(body.inputs.length + constTangents.length),
      ],
    };
    const bodyConsts = [
      ...constants,
      ...primals.slice(numConditionConsts, carryStart),
      ...definedOnly(constTangents),
    ];
    const widened = widenCondition(
      condition,
      carryTangents.map((tangent) => tangent.aval.shape),
    );
    const results = bind(
      whilePrimitive,
      [...primals.slice(0, numConditionConsts), ...bodyConsts, ...carry, ...carryTangents],
      { condition: widened, body: regrouped, numConditionConsts, numBodyConsts: bodyConsts.length },
    );
    return {
      primals: results.slice(0, carry.length),
      tangents: spread(carryMask, results.slice(carry.length)),
    };
  }
}

const countTrue = (flags: readonly boolean[]): number => flags.filter(Boolean).length;

/** The condition with further carries that it ignores. */
const widenCondition = (condition: Program, shapes: readonly (readonly number[])[]): Program =>
  stageClosed(
    (...inputs) => evaluateProgram(condition, inputs.slice(0, condition.inputs.length)),
    [
      ...condition.inputs.map((input) => input.aval),
      ...shapes.map((shape) => tangentAval({ dtype: "f32", shape, weak: false })),
    ],
  );

/** Runs until every element is done; elements that are done keep their carry. */
function batchWhile(
  values: readonly Value[],
  axes: readonly BatchAxis[],
  params: WhileForm,
  size: number,
): BatchResult {
  const { condition, body, numConditionConsts, numBodyConsts } = params;
  const carryStart = numConditionConsts + numBodyConsts;
  const mapped = axes.map((axis) => axis !== undefined);
  const conditionConstMask = mapped.slice(0, numConditionConsts);
  const bodyConstMask = mapped.slice(numConditionConsts, carryStart);
  const allCarry = values.slice(carryStart).map(() => true);
  const operands = values.map((value, i) => {
    const isCarry = i >= carryStart;
    return axes[i] === undefined && !isCarry ? value : mappedAt(value, axes[i], 0, size);
  });
  const batchedCondition = batchProgram(condition, {
    axes: [...conditionConstMask, ...allCarry],
    size,
    forced: [true],
  }).program;
  const batchedBody = batchProgram(body, {
    axes: [...bodyConstMask, ...allCarry],
    size,
    forced: allCarry,
  }).program;
  const operandAvals = operands.map((operand) => operand.aval);
  const conditionAvals = operandAvals.slice(0, numConditionConsts);
  const carryAvals = operandAvals.slice(carryStart);
  const anyCondition = stageClosed(
    (...inputs) => [reduceOr(evaluateProgram(batchedCondition, inputs)[0], [0])],
    [...conditionAvals, ...carryAvals],
  );
  const guardedBody = stageClosed((...inputs) => {
    const conditionConsts = inputs.slice(0, numConditionConsts);
    const bodyConsts = inputs.slice(numConditionConsts, carryStart);
    const carry = inputs.slice(carryStart);
    const [active] = evaluateProgram(batchedCondition, [...conditionConsts, ...carry]);
    const next = evaluateProgram(batchedBody, [...bodyConsts, ...carry]);
    return next.map((value, i) =>
      select(broadcastInDim(active, value.shape, [0]), value, carry[i]),
    );
  }, operandAvals);
  const results = bind(whilePrimitive, [...operands.slice(0, numConditionConsts), ...operands], {
    condition: anyCondition,
    body: guardedBody,
    numConditionConsts,
    numBodyConsts: carryStart,
  });
  return { values: results, axes: results.map((): BatchAxis => 0) };
}
