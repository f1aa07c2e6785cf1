import { ReformaxError } from "../../core/errors.ts";

/** Throws unless so many of the rows can be memory. */
export function expectMemory(where: string, memory: number, rows: number): void {
  if (Number.isInteger(memory) && memory >= 0 && memory <= rows) return;
  throw new ReformaxError("impossible memory", {
    where,
    expected: `0 to ${rows} rows`,
    got: String(memory),
  });
}
