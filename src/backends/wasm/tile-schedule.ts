import type { StepValue, TileValue } from "./tile-values.ts";

/** One instruction: where its result goes is `output` if given, else a register. */
export interface TileStep {
  readonly value: StepValue;
  readonly output?: number;
}

/**
 * Puts the instructions in an order that needs few registers and decides which ones write an output directly.
 *
 * An output may share the storage of a contiguous operand. So an output is written directly only
 * if no later instruction reads such an operand, and else computed in a register and copied at the end.
 */
export function scheduleTile(
  outputs: readonly TileValue[],
  mayBeOverwritten: (input: number) => boolean,
): readonly TileStep[] {
  // An output that is an operand or a constant is a copy of it.
  const copies = outputs.map((value) => (value.kind === "step" ? value : copyOf(value)));
  const order = evaluationOrder(copies);
  const lastRead = order.findLastIndex(({ operands }) =>
    operands.some((operand) => operand.kind === "input" && mayBeOverwritten(operand.index)),
  );
  const direct = new Map<StepValue, number>();
  const late: TileStep[] = [];
  copies.forEach((value, output) => {
    if (!direct.has(value) && order.indexOf(value) >= lastRead) direct.set(value, output);
    else late.push({ value: copyOf(value), output });
  });
  return [...order.map((value) => ({ value, output: direct.get(value) })), ...late];
}

const copyOf = (value: TileValue): StepValue => ({ kind: "step", op: "copy", operands: [value] });

/** Operands before their users; of an instruction's operands the most demanding first (Sethi and Ullman). */
function evaluationOrder(results: readonly StepValue[]): readonly StepValue[] {
  const needs = new Map<StepValue, number>();
  const need = (value: TileValue): number => {
    if (value.kind !== "step") return 0;
    const known = needs.get(value);
    if (known !== undefined) return known;
    const sorted = value.operands.map(need).sort((a, b) => b - a);
    const own = Math.max(1, ...sorted.map((n, i) => n + i));
    needs.set(value, own);
    return own;
  };
  const order = new Set<StepValue>();
  const visit = (value: TileValue): void => {
    if (value.kind !== "step" || order.has(value)) return;
    [...value.operands].sort((a, b) => need(b) - need(a)).forEach(visit);
    order.add(value);
  };
  results.forEach(visit);
  return [...order];
}
