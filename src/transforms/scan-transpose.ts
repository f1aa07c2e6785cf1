import type { Value } from "../core/value.ts";
import { stageClosed } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import type { Tangent, TransposeOperand } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { avalOf, type Aval } from "../core/aval.ts";
import type { BindScan } from "./bind-scan.ts";
import type { ScanForm } from "../ir/control.ts";
import { addTangents } from "../ir/tangents.ts";
import { definedOnly, instantiate, isNonZero, pick, spread, tangentAval } from "./tangents.ts";
import { transposeProgram } from "./transpose.ts";

/**
 * The transpose of a linear scan is a scan in the other direction. Its carry holds the cotangents
 * of the carry and the growing sums for the linear consts; cotangents of linear xs are its ys.
 */
export function transposeScan(
  cotangents: readonly Tangent[],
  operands: readonly TransposeOperand[],
  params: ScanForm,
  bindScan: BindScan,
): readonly Tangent[] {
  const { body, length, reverse, numConsts, numCarry } = params;
  const xsStart = numConsts + numCarry;
  // A carry that starts at a known zero becomes linear in the first iteration.
  const isCarry = (i: number): boolean => i >= numConsts && i < xsStart;
  const linear = operands.map((operand, i) => operand.linear || isCarry(i));
  const ysMask = cotangents.slice(numCarry).map(isNonZero);
  const transposed = transposeProgram(body, {
    linear,
    cotangents: [...Array.from({ length: numCarry }, () => true), ...ysMask],
  });

  const known = (from: number, to?: number): Value[] =>
    operands.slice(from, to).flatMap((operand) => (operand.linear ? [] : [operand.value]));
  const linearAvals = (from: number, to?: number): Aval[] =>
    pick(body.inputs, linear)
      .slice(countTrue(linear, 0, from), countTrue(linear, 0, to))
      .map((input) => tangentAval(input.aval));
  const knownConsts = known(0, numConsts);
  const knownXs = known(xsStart);
  const constAvals = linearAvals(0, numConsts);
  const carryAvals = linearAvals(numConsts, xsStart);
  const xAvals = linearAvals(xsStart);

  const loopBody = transposedBody(transposed.program, transposed.outputMask, {
    knownConsts: knownConsts.map((value) => value.aval),
    carry: carryAvals,
    consts: constAvals,
    knownXs: knownXs.map((value) => avalOf(value.dtype, value.shape.slice(1))),
    ys: pick(body.outputs.slice(numCarry), ysMask).map((atom) => tangentAval(atom.aval)),
    xs: xAvals,
  });
  const carryStart = body.outputs
    .slice(0, numCarry)
    .map((atom, i) => instantiate(cotangents[i], atom.aval));
  const constStart = constAvals.map((aval) => instantiate(undefined, aval));
  const results = bindScan(
    [
      ...knownConsts,
      ...carryStart,
      ...constStart,
      ...knownXs,
      ...definedOnly(cotangents.slice(numCarry)),
    ],
    {
      body: loopBody,
      length,
      reverse: !reverse,
      numConsts: knownConsts.length,
      numCarry: numCarry + constAvals.length,
    },
  );

  const ofCarry = results.slice(0, numCarry);
  const ofConsts = results.slice(numCarry, numCarry + constAvals.length);
  const ofXs = results.slice(numCarry + constAvals.length);
  return [
    ...spread(linear.slice(0, numConsts), ofConsts),
    ...ofCarry.map((cotangent, i) => (operands[numConsts + i].linear ? cotangent : undefined)),
    ...spread(linear.slice(xsStart), ofXs),
  ];
}

const countTrue = (flags: readonly boolean[], from: number, to?: number): number =>
  flags.slice(from, to).filter(Boolean).length;

interface LoopAvals {
  readonly knownConsts: readonly Aval[];
  readonly carry: readonly Aval[];
  readonly consts: readonly Aval[];
  readonly knownXs: readonly Aval[];
  readonly ys: readonly Aval[];
  readonly xs: readonly Aval[];
}

/** (known consts, carry cotangents, const sums, known x, y cotangents) -> (carry cotangents, const sums, x cotangents). */
function transposedBody(
  program: Program,
  outputMask: readonly boolean[],
  avals: LoopAvals,
): Program {
  const counts = [avals.knownConsts, avals.carry, avals.consts, avals.knownXs, avals.ys].map(
    (list) => list.length,
  );
  return stageClosed(
    (...values) => {
      const sections = splitBy(values, counts);
      const [knownConsts, carry, sums, knownXs, ys] = sections;
      const results = spread(
        outputMask,
        evaluateProgram(program, [...knownConsts, ...knownXs, ...carry, ...ys]),
      );
      const ofConsts = results.slice(0, sums.length);
      const ofCarry = results.slice(sums.length, sums.length + carry.length);
      const ofXs = results.slice(sums.length + carry.length);
      return [
        ...ofCarry.map((cotangent, i) => instantiate(cotangent, avals.carry[i])),
        ...sums.map((sum, i) => addTangents(sum, ofConsts[i]) ?? sum),
        ...ofXs.map((cotangent, i) => instantiate(cotangent, avals.xs[i])),
      ];
    },
    [...avals.knownConsts, ...avals.carry, ...avals.consts, ...avals.knownXs, ...avals.ys],
  );
}

function splitBy<T>(items: readonly T[], counts: readonly number[]): T[][] {
  let from = 0;
  return counts.map((count) => items.slice(from, (from += count)));
}
