import { controlOf, type CallForm, type CondForm, type ScanForm } from "../control.ts";
import type { Params } from "../primitive.ts";
import type { Equation, Program, Var } from "../program.ts";
import { hasEffect } from "./effects.ts";

/** A program with fewer results, and which of its (unchanged) inputs are still read. */
interface Narrowed {
  readonly program: Program;
  readonly used: readonly boolean[];
}

const known = new WeakMap<Program, Map<string, Narrowed>>();

/**
 * Dead code elimination through calls, scans and branches: results of sub-programs that nobody
 * reads are not computed there either, and operands that only served them are not passed. Inputs and
 * outputs of the program itself stay as they are.
 */
export const eliminateDeadResults = (program: Program): Program =>
  narrow(
    program,
    program.outputs.map(() => true),
  ).program;

/** The program with only the results of the mask. The same arguments give the same object. */
function narrow(program: Program, mask: readonly boolean[]): Narrowed {
  const variants = known.get(program) ?? new Map<string, Narrowed>();
  known.set(program, variants);
  const key = mask.map(Number).join("");
  const found = variants.get(key);
  if (found) return found;
  const made = computeNarrowed(program, mask);
  variants.set(key, made);
  return made;
}

function computeNarrowed(program: Program, mask: readonly boolean[]): Narrowed {
  const outputs = keep(program.outputs, mask);
  const needed = new Set<Var>();
  const need = (atoms: Equation["inputs"]): void => {
    for (const atom of atoms) if (atom.kind === "var") needed.add(atom);
  };
  need(outputs);
  const equations: Equation[] = [];
  let changed = outputs.length < program.outputs.length;
  for (const equation of program.equations.toReversed()) {
    const live = equation.outputs.map((variable) => needed.has(variable));
    if (!live.includes(true) && !hasEffect(equation)) {
      changed = true;
      continue;
    }
    const narrowed = narrowEquation(equation, live);
    changed ||= narrowed !== equation;
    equations.push(narrowed);
    need(narrowed.inputs);
  }
  const used = program.inputs.map((variable) => needed.has(variable));
  if (!changed) return { program, used };
  return { program: { inputs: program.inputs, equations: equations.reverse(), outputs }, used };
}

function narrowEquation(equation: Equation, live: readonly boolean[]): Equation {
  const control = controlOf(equation);
  if (!control) return equation;
  switch (control.form) {
    case "call":
      return narrowCall(equation, control.params, live);
    case "scan":
      return narrowScan(equation, control.params, live);
    case "cond":
      return narrowCond(equation, control.params, live);
    case "while":
    case "host":
      return equation;
    default:
      return control satisfies never;
  }
}

function narrowCall(equation: Equation, { program }: CallForm, live: readonly boolean[]): Equation {
  const inner = narrow(program, live);
  return changeEquation(equation, inner.used, live, {
    program: withInputs(inner, inner.used),
  });
}

function narrowCond(
  equation: Equation,
  { branches }: CondForm,
  live: readonly boolean[],
): Equation {
  const inner = branches.map((branch) => narrow(branch, live));
  const used = branches[0].inputs.map((_, i) => inner.some((branch) => branch.used[i]));
  return changeEquation(equation, [true, ...used], live, {
    branches: inner.map((branch) => withInputs(branch, used)),
  });
}

/** A carry stays when it is read outside, or in the body for something that stays. */
function narrowScan(
  equation: Equation,
  { body, numConsts, numCarry }: ScanForm,
  live: readonly boolean[],
): Equation {
  let mask = live;
  let inner = narrow(body, mask);
  for (;;) {
    const { used } = inner;
    const wider = mask.map((wanted, i) => wanted || (i < numCarry && used[numConsts + i]));
    if (wider.every((wanted, i) => wanted === mask[i])) break;
    mask = wider;
    inner = narrow(body, mask);
  }
  const kept = inner.used.map((used, i) =>
    i >= numConsts && i < numConsts + numCarry ? mask[i - numConsts] : used,
  );
  return changeEquation(equation, kept, mask, {
    body: withInputs(inner, kept),
    numConsts: kept.slice(0, numConsts).filter(Boolean).length,
    numCarry: mask.slice(0, numCarry).filter(Boolean).length,
  });
}

function changeEquation(
  equation: Equation,
  inputs: readonly boolean[],
  outputs: readonly boolean[],
  changes: Params,
): Equation {
  const params = { ...equation.params, ...changes };
  const before = Object.entries(equation.params);
  const after = new Map<string, unknown>(Object.entries(params));
  const samePrograms = before.every(([name, value]) => sameValue(after.get(name), value));
  if (samePrograms && !inputs.includes(false) && !outputs.includes(false)) return equation;
  return {
    ...equation,
    inputs: keep(equation.inputs, inputs),
    outputs: keep(equation.outputs, outputs),
    params,
  };
}

const sameValue = (a: unknown, b: unknown): boolean =>
  a === b ||
  (Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((item, i) => item === b[i]));

const withoutInputs = new WeakMap<Program, Map<string, Program>>();

/** The narrowed program with only the inputs of the mask. The same arguments give the same object. */
function withInputs({ program }: Narrowed, mask: readonly boolean[]): Program {
  if (!mask.includes(false)) return program;
  const variants = withoutInputs.get(program) ?? new Map<string, Program>();
  withoutInputs.set(program, variants);
  const key = mask.map(Number).join("");
  const found = variants.get(key);
  if (found) return found;
  const made = { ...program, inputs: keep(program.inputs, mask) };
  variants.set(key, made);
  return made;
}

const keep = <T>(items: readonly T[], mask: readonly boolean[]): readonly T[] =>
  items.filter((_, i) => mask[i]);
