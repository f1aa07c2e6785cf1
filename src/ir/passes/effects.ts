import { subPrograms, type Equation, type Program } from "../program.ts";

const known = new WeakMap<Program, boolean>();

/** The equation, or one inside of its sub-programs, has an effect: it is never removed, merged or reordered. */
export const hasEffect = (equation: Equation): boolean =>
  equation.primitive.effectful === true ||
  (equation.primitive.lower.kind === "control" &&
    subPrograms(equation.params).some(([, program]) => programHasEffect(program)));

function programHasEffect(program: Program): boolean {
  const cached = known.get(program);
  if (cached !== undefined) return cached;
  const result = program.equations.some(hasEffect);
  known.set(program, result);
  return result;
}
