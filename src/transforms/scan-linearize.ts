import type { Value } from "../core/value.ts";
import { eliminateDeadCode } from "../ir/passes/dce.ts";
import type { JvpResult, Tangent } from "../ir/primitive.ts";
import type { Atom, Program, Var } from "../ir/program.ts";
import { callProgram } from "./call.ts";
import { linearizeProgram, type Linearized } from "./linearize.ts";
import type { BindScan } from "./bind-scan.ts";
import type { ScanForm } from "../ir/control.ts";
import { instantiate, isNonZero, pick, spread } from "./tangents.ts";

/**
 * A forward scan that also stacks the body's residuals, and a linear scan that reads them.
 * Residuals that are the same in every iteration (weights, and what is computed from consts alone) are
 * not stacked: they become consts of the linear scan.
 */
export function linearizeScan(
  primals: readonly Value[],
  tangents: readonly Tangent[],
  params: ScanForm,
  bindScan: BindScan,
): JvpResult {
  const { body, length, reverse, numConsts, numCarry } = params;
  const xsStart = numConsts + numCarry;
  const { linearized, mask } = linearizeBody(body, tangents.map(isNonZero), numConsts, numCarry);
  const { constants } = linearized;
  const residuals = classifyResiduals(linearized, numConsts, numCarry);

  const stacked = residuals.flatMap((residual) =>
    residual.kind === "stacked" ? [residual.atom] : [],
  );
  const forwardBody = eliminateDeadCode({
    ...linearized.forward,
    outputs: [...linearized.forward.outputs.slice(0, body.outputs.length), ...stacked],
  });
  const results = bindScan([...constants, ...primals], {
    body: forwardBody,
    length,
    reverse,
    numConsts: constants.length + numConsts,
    numCarry,
  });
  const stackedValues = results.slice(body.outputs.length);

  const invariantAtoms = residuals.flatMap((residual) =>
    residual.kind === "invariant" ? [residual.atom] : [],
  );
  const invariantValues = computeInvariants(linearized.forward, invariantAtoms, [
    ...constants,
    ...primals.slice(0, numConsts),
  ]);

  const nextStacked = stackedValues.values();
  const nextInvariant = invariantValues.values();
  const sources = residuals.map(
    (residual): { readonly perIteration: boolean; readonly value: Value } => {
      switch (residual.kind) {
        case "const":
          return { perIteration: false, value: primals[residual.index] };
        case "xs":
          return { perIteration: true, value: primals[residual.index] };
        case "invariant":
          return { perIteration: false, value: take(nextInvariant) };
        case "stacked":
          return { perIteration: true, value: take(nextStacked) };
        default:
          return residual satisfies never;
      }
    },
  );

  const directions = primals.map((primal, i) =>
    mask[i] ? instantiate(tangents[i], primal.aval) : undefined,
  );
  const directionsOf = (from: number, to?: number): Value[] =>
    directions.slice(from, to).filter((direction): direction is Value => direction !== undefined);
  const loopConsts = [
    ...sources.filter((source) => !source.perIteration).map((source) => source.value),
    ...directionsOf(0, numConsts),
  ];
  const loopCarry = directionsOf(numConsts, xsStart);
  const loopXs = [
    ...sources.filter((source) => source.perIteration).map((source) => source.value),
    ...directionsOf(xsStart),
  ];
  const linearBody = regroupLinear(
    linearized.linear,
    sources.map((source) => source.perIteration),
    mask,
    numConsts,
    numCarry,
  );
  const outputTangents = bindScan([...loopConsts, ...loopCarry, ...loopXs], {
    body: linearBody,
    length,
    reverse,
    numConsts: loopConsts.length,
    numCarry: loopCarry.length,
  });
  return {
    primals: results.slice(0, body.outputs.length),
    tangents: spread(linearized.outputMask, outputTangents),
  };
}

function take(values: Iterator<Value>): Value {
  const next = values.next();
  if (next.done) throw new Error("residuals were miscounted");
  return next.value;
}

/** Linearizes the body with the least fixed point of which carries have tangents. */
function linearizeBody(
  body: Program,
  initial: readonly boolean[],
  numConsts: number,
  numCarry: number,
): { linearized: Linearized; mask: readonly boolean[] } {
  let mask = initial;
  for (;;) {
    const current = mask;
    const linearized = linearizeProgram(body, {
      mask: current,
      instantiate: body.outputs.map((_, i) => i < numCarry && current[numConsts + i]),
    });
    mask = current.map((present, i) =>
      i >= numConsts && i < numConsts + numCarry
        ? present || linearized.outputMask[i - numConsts]
        : present,
    );
    if (mask.every((present, i) => present === current[i])) return { linearized, mask };
  }
}

type Residual =
  | { readonly kind: "const"; readonly index: number }
  | { readonly kind: "xs"; readonly index: number }
  | { readonly kind: "invariant"; readonly atom: Atom }
  | { readonly kind: "stacked"; readonly atom: Atom };

function classifyResiduals(
  { constants, forward, residuals }: Linearized,
  numConsts: number,
  numCarry: number,
): readonly Residual[] {
  const invariant = invariantVariables(forward, constants.length + numConsts);
  return residuals.map((source): Residual => {
    if (source.kind === "output") {
      const atom = forward.outputs[source.index];
      const isInvariant = atom.kind === "literal" || invariant.has(atom);
      return { kind: isInvariant ? "invariant" : "stacked", atom };
    }
    const { index } = source;
    if (index < numConsts) return { kind: "const", index };
    return index < numConsts + numCarry
      ? { kind: "stacked", atom: forward.inputs[constants.length + index] }
      : { kind: "xs", index };
  });
}

/** Variables that depend on consts alone. */
function invariantVariables(program: Program, numConsts: number): ReadonlySet<Var> {
  const found = new Set<Var>(program.inputs.slice(0, numConsts));
  for (const { inputs, outputs, primitive } of program.equations) {
    const depends = inputs.some((atom) => atom.kind === "var" && !found.has(atom));
    if (!depends && !primitive.effectful) outputs.forEach((variable) => found.add(variable));
  }
  return found;
}

function computeInvariants(
  forward: Program,
  atoms: readonly Atom[],
  consts: readonly Value[],
): readonly Value[] {
  if (atoms.length === 0) return [];
  const invariant = invariantVariables(forward, consts.length);
  const equations = forward.equations.filter(({ outputs }) =>
    outputs.every((variable) => invariant.has(variable)),
  );
  const program = eliminateDeadCode({
    inputs: forward.inputs.slice(0, consts.length),
    equations,
    outputs: atoms,
  });
  return callProgram(program, consts, "loopInvariants");
}

/** The linear program's inputs (residuals, then tangents) in the order of a scan body. */
function regroupLinear(
  linear: Program,
  perIteration: readonly boolean[],
  mask: readonly boolean[],
  numConsts: number,
  numCarry: number,
): Program {
  const residuals = linear.inputs.slice(0, perIteration.length);
  const tangents = linear.inputs.slice(perIteration.length);
  const countIn = (from: number, to?: number): number =>
    mask.slice(from, to).filter(Boolean).length;
  const constTangents = countIn(0, numConsts);
  const carryTangents = countIn(numConsts, numConsts + numCarry);
  return {
    ...linear,
    inputs: [
      ...residuals.filter((_, i) => !perIteration[i]),
      ...tangents.slice(0, constTangents),
      ...tangents.slice(constTangents, constTangents + carryTangents),
      ...pick(residuals, perIteration),
      ...tangents.slice(constTangents + carryTangents),
    ],
  };
}
