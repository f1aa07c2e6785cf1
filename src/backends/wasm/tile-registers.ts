import type { TileStep } from "./tile-schedule.ts";
import type { StepValue } from "./tile-values.ts";

export interface RegisterAllocation {
  readonly count: number;
  /** Register of every result that is not an output. */
  readonly registers: ReadonlyMap<StepValue, number>;
}

/**
 * Gives each result the lowest register that is free; a register is free again from its value's last
 * use on, which may be the instruction that overwrites it: loops read a group before they write it.
 */
export function allocateRegisters(steps: readonly TileStep[]): RegisterAllocation {
  const lastUses = new Map<StepValue, number>();
  steps.forEach(({ value }, position) => {
    for (const operand of value.operands) {
      if (operand.kind === "step") lastUses.set(operand, position);
    }
  });
  const registers = new Map<StepValue, number>();
  const taken: boolean[] = [];
  steps.forEach(({ value, output }, position) => {
    for (const operand of value.operands) {
      if (operand.kind !== "step" || lastUses.get(operand) !== position) continue;
      const register = registers.get(operand);
      if (register !== undefined) taken[register] = false;
    }
    if (output !== undefined) return;
    const free = taken.indexOf(false);
    const register = free < 0 ? taken.length : free;
    taken[register] = true;
    registers.set(value, register);
  });
  return { count: taken.length, registers };
}
