import { controlOf, type Control, type ScanForm } from "../control.ts";
import type { Atom, Equation, Program, Var } from "../program.ts";

const known = new WeakMap<Program, Program>();

/** What happens to a result: the caller has it already, or it stays. */
type Forwarded = Atom | undefined;

/**
 * Results of calls, branches and loops that are an operand, a number or another result in disguise are
 * read where they come from, in the caller. Carries that no iteration changes become constants of
 * their loop. The results stay until dead code elimination finds that nobody reads them.
 */
export function forwardResults(program: Program): Program {
  const found = known.get(program);
  if (found) return found;
  const made = computeForwarded(program);
  known.set(program, made);
  known.set(made, made);
  return made;
}

function computeForwarded(program: Program): Program {
  const renamed = new Map<Var, Atom>();
  const rename = (atom: Atom): Atom => (atom.kind === "var" ? (renamed.get(atom) ?? atom) : atom);
  let changed = false;
  const equations = program.equations.map((equation) => {
    const inner = enterSubPrograms(equation);
    const inputs = inner.inputs.map(rename);
    const moved = inputs.some((atom, i) => atom !== inner.inputs[i]);
    const current = moved ? { ...inner, inputs } : inner;
    const control = controlOf(current);
    if (control) {
      const forwarded = forwardedResults(current, control);
      current.outputs.forEach((variable, i) => {
        const atom = forwarded[i];
        if (atom) renamed.set(variable, atom);
      });
    }
    const settled = control?.form === "scan" ? fixCarries(current, control.params) : current;
    changed ||= settled !== equation;
    return settled;
  });
  const outputs = program.outputs.map(rename);
  changed ||= outputs.some((atom, i) => atom !== program.outputs[i]);
  return changed ? { inputs: program.inputs, equations, outputs } : program;
}

function enterSubPrograms(equation: Equation): Equation {
  const control = controlOf(equation);
  if (!control) return equation;
  switch (control.form) {
    case "call": {
      const { program } = control.params;
      const inner = forwardResults(program);
      return inner === program ? equation : withParams(equation, { program: inner });
    }
    case "cond": {
      const { branches } = control.params;
      const inner = branches.map(forwardResults);
      const same = inner.every((branch, i) => branch === branches[i]);
      return same ? equation : withParams(equation, { branches: inner });
    }
    case "scan": {
      const { body } = control.params;
      const inner = forwardResults(body);
      return inner === body ? equation : withParams(equation, { body: inner });
    }
    case "while": {
      const { condition, body } = control.params;
      const inner = { condition: forwardResults(condition), body: forwardResults(body) };
      const same = inner.condition === condition && inner.body === body;
      return same ? equation : withParams(equation, inner);
    }
    case "host":
      return equation;
    default:
      return control satisfies never;
  }
}

const withParams = (equation: Equation, changes: object): Equation => ({
  ...equation,
  params: { ...equation.params, ...changes },
});

function forwardedResults(equation: Equation, control: Control): readonly Forwarded[] {
  switch (control.form) {
    case "call": {
      const { program } = control.params;
      return firstOf(program, equation.outputs, (atom) => ofCaller(program, equation.inputs, atom));
    }
    case "cond": {
      const { branches } = control.params;
      const inputs = equation.inputs.slice(1);
      const candidates = branches.map((branch) =>
        branch.outputs.map((atom) => ofCaller(branch, inputs, atom)),
      );
      return candidates[0].map((atom, i) =>
        candidates.every((others) => sameAtom(others[i], atom)) ? atom : undefined,
      );
    }
    case "scan": {
      const { body, numConsts, numCarry } = control.params;
      const carried = body.outputs.map((atom, i) =>
        i < numCarry && atom === body.inputs[numConsts + i]
          ? equation.inputs[numConsts + i]
          : undefined,
      );
      const stacked = { ...body, outputs: body.outputs.slice(numCarry) };
      const ys = firstOf(stacked, equation.outputs.slice(numCarry), () => undefined);
      return [...carried.slice(0, numCarry), ...ys];
    }
    case "while":
    case "host":
      return equation.outputs.map(() => undefined);
    default:
      return control satisfies never;
  }
}

/** The caller's atom for an output that is an input or a number. */
function ofCaller(program: Program, inputs: readonly Atom[], atom: Atom): Forwarded {
  if (atom.kind === "literal") return atom;
  const index = program.inputs.indexOf(atom);
  return index < 0 ? undefined : inputs[index];
}

/** As `direct` says, else the first result with the same value, if there is an earlier one. */
function firstOf(
  program: Program,
  results: readonly Var[],
  direct: (atom: Atom) => Forwarded,
): readonly Forwarded[] {
  const first = new Map<Atom, Var>();
  return program.outputs.map((atom, i) => {
    const forwarded = direct(atom) ?? first.get(atom);
    if (!forwarded) first.set(atom, results[i]);
    return forwarded;
  });
}

const sameAtom = (a: Forwarded, b: Forwarded): boolean =>
  a === b ||
  (a?.kind === "literal" &&
    b?.kind === "literal" &&
    Object.is(a.value, b.value) &&
    a.aval.dtype === b.aval.dtype);

/** Carries that the body hands on unchanged become constants; their results must not be read any more. */
function fixCarries(equation: Equation, { body, numConsts, numCarry }: ScanForm): Equation {
  const isFixed = (i: number): boolean => body.outputs[i] === body.inputs[numConsts + i];
  const carries = Array.from({ length: numCarry }, (_, i) => i);
  const fixed = carries.filter(isFixed);
  if (fixed.length === 0) return equation;
  const moving = carries.filter((i) => !isFixed(i));
  const reordered = <T>(items: readonly T[]): readonly T[] => [
    ...items.slice(0, numConsts),
    ...fixed.map((i) => items[numConsts + i]),
    ...moving.map((i) => items[numConsts + i]),
    ...items.slice(numConsts + numCarry),
  ];
  const withoutFixed = <T>(items: readonly T[]): readonly T[] => [
    ...moving.map((i) => items[i]),
    ...items.slice(numCarry),
  ];
  return {
    ...equation,
    inputs: reordered(equation.inputs),
    outputs: withoutFixed(equation.outputs),
    params: {
      ...equation.params,
      body: {
        inputs: reordered(body.inputs),
        equations: body.equations,
        outputs: withoutFixed(body.outputs),
      },
      numConsts: numConsts + fixed.length,
      numCarry: moving.length,
    },
  };
}
