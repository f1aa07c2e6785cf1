import { formatAval, formatAvals, sameArrayType, type Aval } from "../core/aval.ts";
import { ShapeError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import { bind } from "../ir/interpreter.ts";
import { definePrimitive, type BatchAxis, type Tangent, type Primitive } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { mappedAt } from "../primitives/batch-axes.ts";
import { batchProgram } from "./batch-program.ts";
import { jvpProgram, type JvpProgram } from "./jvp.ts";
import { linearizeScan } from "./scan-linearize.ts";
import { transposeScan } from "./scan-transpose.ts";
import { definedOnly, instantiate, isNonZero, spread } from "./tangents.ts";
import type { ScanForm } from "../ir/control.ts";

/** `length` iterations of (consts, carry, x) -> (carry, y); see `lax.scan`. */
export const scanPrimitive: Primitive<ScanForm> = definePrimitive<ScanForm>({
  name: "scan",
  abstractEval: (inputs, params) => {
    checkScan(inputs, params);
    const { body, length, numCarry } = params;
    const outputs = body.outputs.map((atom) => atom.aval);
    return [
      ...outputs.slice(0, numCarry),
      ...outputs
        .slice(numCarry)
        .map((aval) => ({ ...aval, weak: false, shape: [length, ...aval.shape] })),
    ];
  },
  jvp: (primals, tangents, params) => jvpOfScan(primals, tangents, params),
  linearize: (primals, tangents, params) =>
    linearizeScan(primals, tangents, params, (operands, inner) =>
      bind(scanPrimitive, operands, inner),
    ),
  transpose: (cotangents, operands, params) =>
    transposeScan(cotangents, operands, params, (values, inner) =>
      bind(scanPrimitive, values, inner),
    ),
  batch: (values, axes, params, size) => batchScan(values, axes, params, size),
  lower: { kind: "control", form: "scan" },
  reference: "byProgram",
});

function checkScan(inputs: readonly Aval[], { body, length, numConsts, numCarry }: ScanForm): void {
  const carryStart = numConsts;
  const xsStart = numConsts + numCarry;
  const expected = body.inputs.map(({ aval }, i) =>
    i < xsStart ? aval : { ...aval, shape: [length, ...aval.shape] },
  );
  if (
    inputs.length !== expected.length ||
    !inputs.every((aval, i) => sameArrayType(aval, expected[i]))
  ) {
    throw new ShapeError("operands do not fit the body", {
      where: "scan",
      expected: formatAvals(expected),
      got: formatAvals(inputs),
    });
  }
  for (let i = 0; i < numCarry; i++) {
    const before = body.inputs[carryStart + i].aval;
    const after = body.outputs[i].aval;
    if (!sameArrayType(before, after)) {
      throw new ShapeError(`carry ${i} changes its type in the body`, {
        where: "scan",
        expected: formatAval(before),
        got: formatAval(after),
        fix: "The body must return a carry of the shape and dtype it receives.",
      });
    }
  }
}

/** Carries whose tangent becomes non-zero in some iteration: the least fixed point. */
function jvpOfScan(
  primals: readonly Value[],
  tangents: readonly Tangent[],
  params: ScanForm,
): { primals: readonly Value[]; tangents: readonly Tangent[] } {
  const { body, numConsts, numCarry } = params;
  const xsStart = numConsts + numCarry;
  let mask = tangents.map(isNonZero);
  for (;;) {
    const current = mask;
    const instantiateOutputs = body.outputs.map((_, i) => i < numCarry && current[numConsts + i]);
    const derivative = jvpProgram(body, { mask: current, instantiate: instantiateOutputs });
    const { outputMask } = derivative;
    const grown = mask.map((present, i) =>
      i >= numConsts && i < xsStart ? present || outputMask[i - numConsts] : present,
    );
    if (grown.every((present, i) => present === current[i])) {
      return runJvpScan(primals, tangents, params, current, derivative);
    }
    mask = grown;
  }
}

function runJvpScan(
  primals: readonly Value[],
  tangents: readonly Tangent[],
  { body, length, reverse, numConsts, numCarry }: ScanForm,
  mask: readonly boolean[],
  { constants, program, outputMask }: JvpProgram,
): { primals: readonly Value[]; tangents: readonly Tangent[] } {
  const xsStart = numConsts + numCarry;
  const directions = primals.map((primal, i) =>
    mask[i] ? instantiate(tangents[i], primal.aval) : undefined,
  );
  const section = (from: number, to?: number): Value[] => [
    ...primals.slice(from, to),
    ...definedOnly(directions.slice(from, to)),
  ];
  const consts = [...constants, ...section(0, numConsts)];
  const carry = section(numConsts, xsStart);
  const xs = section(xsStart);
  // The derivative's inputs are constants, all primals, all tangents: regroup them by role.
  const derived = { ...program, inputs: program.inputs.slice(constants.length) };
  const regrouped = regroupBody(
    derived,
    primals.length,
    mask,
    body.outputs.length,
    outputMask,
    numConsts,
    numCarry,
  );
  const withConstants = {
    ...regrouped,
    inputs: [...program.inputs.slice(0, constants.length), ...regrouped.inputs],
  };
  const results = bind(scanPrimitive, [...consts, ...carry, ...xs], {
    body: withConstants,
    length,
    reverse,
    numConsts: consts.length,
    numCarry: carry.length,
  });
  const carryTangents = outputMask.slice(0, numCarry).filter(Boolean).length;
  const ys = body.outputs.length - numCarry;
  const primalResults = [
    ...results.slice(0, numCarry),
    ...results.slice(numCarry + carryTangents, numCarry + carryTangents + ys),
  ];
  const tangentResults = [
    ...results.slice(numCarry, numCarry + carryTangents),
    ...results.slice(numCarry + carryTangents + ys),
  ];
  return { primals: primalResults, tangents: spread(outputMask, tangentResults) };
}

function regroupBody(
  program: Program,
  primalCount: number,
  mask: readonly boolean[],
  outputCount: number,
  outputMask: readonly boolean[],
  numConsts: number,
  numCarry: number,
): Program {
  const xsStart = numConsts + numCarry;
  const primalInputs = program.inputs.slice(0, primalCount);
  const tangentInputs = spreadItems(mask, program.inputs.slice(primalCount));
  const inputsOf = (from: number, to?: number): Program["inputs"] => [
    ...primalInputs.slice(from, to),
    ...present(tangentInputs.slice(from, to)),
  ];
  const primalOutputs = program.outputs.slice(0, outputCount);
  const tangentOutputs = spreadItems(outputMask, program.outputs.slice(outputCount));
  return {
    ...program,
    inputs: [...inputsOf(0, numConsts), ...inputsOf(numConsts, xsStart), ...inputsOf(xsStart)],
    outputs: [
      ...primalOutputs.slice(0, numCarry),
      ...present(tangentOutputs.slice(0, numCarry)),
      ...primalOutputs.slice(numCarry),
      ...present(tangentOutputs.slice(numCarry)),
    ],
  };
}

function spreadItems<T>(mask: readonly boolean[], items: readonly T[]): (T | undefined)[] {
  let next = 0;
  return mask.map((isPresent) => (isPresent ? items[next++] : undefined));
}

const present = <T>(items: readonly (T | undefined)[]): T[] =>
  items.filter((item): item is T => item !== undefined);

function batchScan(
  values: readonly Value[],
  axes: readonly BatchAxis[],
  params: ScanForm,
  size: number,
): { values: readonly Value[]; axes: readonly BatchAxis[] } {
  const { body, length, reverse, numConsts, numCarry } = params;
  const xsStart = numConsts + numCarry;
  let mapped = axes.map((axis) => axis !== undefined);
  for (;;) {
    const current = mapped;
    const forced = body.outputs.map((_, i) => i < numCarry && current[numConsts + i]);
    const batched = batchProgram(body, { axes: current, size, forced });
    const grown = mapped.map((isMapped, i) =>
      i >= numConsts && i < xsStart ? isMapped || batched.outputMapped[i - numConsts] : isMapped,
    );
    if (!grown.every((isMapped, i) => isMapped === current[i])) {
      mapped = grown;
      continue;
    }
    // Consts and carry are mapped at axis 0; xs and ys keep the loop axis first.
    const operands = values.map((value, i) => {
      if (!current[i]) return value;
      return mappedAt(value, axes[i], i < xsStart ? 0 : 1, size);
    });
    const results = bind(scanPrimitive, operands, {
      body: batched.program,
      length,
      reverse,
      numConsts,
      numCarry,
    });
    return {
      values: results,
      axes: batched.outputMapped.map((isMapped, i): BatchAxis =>
        isMapped ? (i < numCarry ? 0 : 1) : undefined,
      ),
    };
  }
}
