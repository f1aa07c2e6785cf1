import { formatAvals, sameArrayType, type Aval } from "../core/aval.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { broadcastInDim, eq, full, ge, select } from "../ir/ops.ts";
import { definePrimitive, type BatchAxis, type Primitive, type Tangent } from "../ir/primitive.ts";
import { newLiteral, newVar, type Atom, type Program } from "../ir/program.ts";
import { mappedAt } from "../primitives/batch-axes.ts";
import type { CondForm } from "../ir/control.ts";
import { batchProgram, moveMappedAxesToFront } from "./batch-program.ts";
import { callProgram } from "./call.ts";
import { jvpProgram } from "./jvp.ts";
import { linearizeProgram, type Linearized } from "./linearize.ts";
import { definedOnly, isNonZero, pick, spread, tangentAval } from "./tangents.ts";
import { transposeProgram } from "./transpose.ts";

/** Runs the branch that an i32 index (clamped) chooses; see `lax.cond` and `lax.switchCase`. */
export const condPrimitive: Primitive<CondForm> = definePrimitive<CondForm>({
  name: "cond",
  abstractEval: ([index, ...operands], { branches }) => {
    checkBranches(index, operands, branches);
    return branches[0].outputs.map((atom) => ({ ...atom.aval, weak: false }));
  },
  jvp: (primals, tangents, { branches }) => {
    const mask = tangents.slice(1).map(isNonZero);
    const settings = unify(
      branches,
      (branch, instantiate) => jvpProgram(branch, { mask, instantiate }).outputMask,
    );
    const derived = branches.map((branch) => jvpProgram(branch, { mask, instantiate: settings }));
    const { constants, programs } = shareConstants(derived);
    const operands = [
      primals[0],
      ...constants,
      ...primals.slice(1),
      ...definedOnly(tangents.slice(1)),
    ];
    const results = bind(condPrimitive, operands, { branches: programs });
    const count = branches[0].outputs.length;
    return { primals: results.slice(0, count), tangents: spread(settings, results.slice(count)) };
  },
  linearize: (primals, tangents, { branches }) => linearizeCond(primals, tangents, branches),
  transpose: (cotangents, operands, { branches }) => {
    const linear = operands.slice(1).map((operand) => operand.linear);
    const masks = cotangents.map(isNonZero);
    const transposed = branches.map((branch) =>
      transposeProgram(branch, { linear, cotangents: masks }),
    );
    const present = transposed[0].outputMask.map((_, i) =>
      transposed.some(({ outputMask }) => outputMask[i]),
    );
    const linearAvals = pick(branches[0].inputs, linear).map((input) => tangentAval(input.aval));
    const complete = transposed.map(({ program, outputMask }) =>
      fillOutputs(program, outputMask, present, linearAvals),
    );
    const known = operands.flatMap((operand) => (operand.linear ? [] : [operand.value]));
    const results = bind(condPrimitive, [...known, ...definedOnly(cotangents)], {
      branches: complete,
    });
    const ofLinear = spread(present, results).values();
    return operands.map((operand): Tangent => (operand.linear ? ofLinear.next().value : undefined));
  },
  batch: (values, axes, params, size) => batchCond(values, axes, params, size),
  lower: { kind: "control", form: "cond" },
  reference: "byProgram",
});

function checkBranches(index: Aval, operands: readonly Aval[], branches: readonly Program[]): void {
  if (index.dtype !== "i32" || index.shape.length > 0) {
    throw new DTypeError("the branch index must be one i32", {
      where: "cond",
      got: formatAvals([index]),
    });
  }
  const expected = branches[0].outputs.map((atom) => atom.aval);
  for (const branch of branches) {
    const inputs = branch.inputs.map((input) => input.aval);
    if (
      inputs.length !== operands.length ||
      !inputs.every((aval, i) => sameArrayType(aval, operands[i]))
    ) {
      throw new ShapeError("operands do not fit a branch", {
        where: "cond",
        expected: formatAvals(inputs),
        got: formatAvals(operands),
      });
    }
    const outputs = branch.outputs.map((atom) => atom.aval);
    if (
      outputs.length !== expected.length ||
      !outputs.every((aval, i) => sameArrayType(aval, expected[i]))
    ) {
      throw new ShapeError("branches return different types", {
        where: "cond",
        expected: formatAvals(expected),
        got: formatAvals(outputs),
        fix: "Make every branch return arrays of the same shapes and dtypes.",
      });
    }
  }
}

/** Outputs that have a tangent in any branch. */
function unify(
  branches: readonly Program[],
  maskOf: (branch: Program, instantiate: readonly boolean[]) => readonly boolean[],
): readonly boolean[] {
  const nothing = branches[0].outputs.map(() => false);
  const masks = branches.map((branch) => maskOf(branch, nothing));
  return nothing.map((_, i) => masks.some((mask) => mask[i]));
}

/** The program with zeros for the outputs that only other branches have. */
function fillOutputs(
  program: Program,
  has: readonly boolean[],
  wanted: readonly boolean[],
  avals: readonly Aval[],
): Program {
  const given = program.outputs.values();
  const missing: { readonly aval: Aval }[] = [];
  const zeroVars: Atom[] = [];
  const outputs = wanted.flatMap((isWanted, i): Atom[] => {
    const own = has[i] ? given.next().value : undefined;
    if (!isWanted) return [];
    if (own) return [own];
    const variable = avals[i].shape.length === 0 ? newLiteral(0, avals[i]) : newVar(avals[i]);
    missing.push({ aval: avals[i] });
    zeroVars.push(variable);
    return [variable];
  });
  if (missing.length === 0) return program;
  const zeros = stage(() => missing.map(({ aval }) => full(aval.shape, 0, aval.dtype)), []).program;
  const renamed = new Map(zeros.outputs.map((atom, i) => [atom, zeroVars[i]] as const));
  const equations = zeros.equations.map((equation) => ({
    ...equation,
    outputs: equation.outputs.map((variable) => {
      const target = renamed.get(variable);
      return target?.kind === "var" ? target : variable;
    }),
  }));
  return { ...program, equations: [...program.equations, ...equations], outputs };
}

/** Every branch also returns the residuals of all branches, zeros for those that are not its own. */
function linearizeCond(
  primals: readonly Value[],
  tangents: readonly Tangent[],
  branches: readonly Program[],
): { primals: readonly Value[]; tangents: readonly Tangent[] } {
  const mask = tangents.slice(1).map(isNonZero);
  const settings = unify(
    branches,
    (branch, instantiate) => linearizeProgram(branch, { mask, instantiate }).outputMask,
  );
  const parts = branches.map((branch) => linearizeProgram(branch, { mask, instantiate: settings }));
  const count = branches[0].outputs.length;
  const computed = parts.map(({ forward }) =>
    forward.outputs.slice(count).map((atom) => atom.aval),
  );
  const all = computed.flat();
  const offsets = computed.map((_, b) => computed.slice(0, b).flat().length);

  const { constants, programs } = shareConstants(
    parts.map((part) => ({ constants: part.constants, program: part.forward })),
  );
  const forwardBranches = programs.map((forward, b) => {
    const own = all.map((_, i) => i >= offsets[b] && i < offsets[b] + computed[b].length);
    const has = [...forward.outputs.slice(0, count).map(() => true), ...own];
    const avals = [...forward.outputs.slice(0, count).map((atom) => atom.aval), ...all];
    return fillOutputs(
      forward,
      has,
      has.map(() => true),
      avals,
    );
  });
  const results = bind(condPrimitive, [primals[0], ...constants, ...primals.slice(1)], {
    branches: forwardBranches,
  });
  const residuals = results.slice(count);
  const operands = primals.slice(1);
  const linearBranches = parts.map((part, b) =>
    linearBranch(part, count, offsets[b], operands, all),
  );
  const outputTangents = bind(
    condPrimitive,
    [primals[0], ...operands, ...residuals, ...definedOnly(tangents.slice(1))],
    { branches: linearBranches },
  );
  return { primals: results.slice(0, count), tangents: spread(settings, outputTangents) };
}

/** The branch's linear program over (all operands, all residuals, tangents). */
function linearBranch(
  { linear, residuals }: Linearized,
  count: number,
  offset: number,
  operands: readonly Value[],
  all: readonly Aval[],
): Program {
  const operandVars = operands.map((operand) => newVar(operand.aval));
  const residualVars = all.map((aval) => newVar(aval));
  residuals.forEach((source, i) => {
    const variable = linear.inputs[i];
    if (source.kind === "input") operandVars[source.index] = variable;
    else residualVars[offset + source.index - count] = variable;
  });
  return {
    ...linear,
    inputs: [...operandVars, ...residualVars, ...linear.inputs.slice(residuals.length)],
  };
}

/** A mapped index runs every branch and selects; otherwise the branches are mapped. */
function batchCond(
  values: readonly Value[],
  axes: readonly BatchAxis[],
  { branches }: CondForm,
  size: number,
): { values: readonly Value[]; axes: readonly BatchAxis[] } {
  const operands = moveMappedAxesToFront(values.slice(1), axes.slice(1));
  const mapped = axes.slice(1).map((axis) => axis !== undefined);
  const forced = branches[0].outputs.map(() => true);
  const batched = branches.map(
    (branch) => batchProgram(branch, { axes: mapped, size, forced }).program,
  );
  const outputAxes = branches[0].outputs.map((): BatchAxis => 0);
  if (axes[0] === undefined) {
    return {
      values: bind(condPrimitive, [values[0], ...operands], { branches: batched }),
      axes: outputAxes,
    };
  }
  const index = mappedAt(values[0], axes[0], 0, size);
  const results = batched.map((branch) => callProgram(branch, operands, "branch"));
  const merged = results[0].map((_, i) =>
    results
      .map((result) => result[i])
      .reduce((chosen, candidate, b) => {
        if (b === 0) return candidate;
        const last = b === results.length - 1;
        const here = last
          ? ge(index, full(index.shape, b, "i32"))
          : eq(index, full(index.shape, b, "i32"));
        return select(broadcastInDim(here, candidate.shape, [0]), candidate, chosen);
      }),
  );
  return { values: merged, axes: outputAxes };
}

/** Gives all branches the constants of all as leading inputs. */
function shareConstants(
  parts: readonly { readonly constants: readonly Value[]; readonly program: Program }[],
): { readonly constants: readonly Value[]; readonly programs: readonly Program[] } {
  const shared = shareCaptured(
    parts.map(({ constants, program }) => ({ captured: constants, program })),
  );
  return { constants: shared.captured, programs: shared.programs };
}

/** Gives all branches the same hidden inputs. */
export function shareCaptured(branches: readonly ClosedProgram[]): {
  captured: readonly Value[];
  programs: readonly Program[];
} {
  const captured = [...new Set(branches.flatMap((branch) => branch.captured))];
  const programs = branches.map(({ program, captured: own }) => {
    const hidden = captured.map((value) => {
      const index = own.indexOf(value);
      return index >= 0 ? program.inputs[index] : newVar(value.aval);
    });
    return { ...program, inputs: [...hidden, ...program.inputs.slice(own.length)] };
  });
  return { captured, programs };
}
