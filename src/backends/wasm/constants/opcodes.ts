/**
 * The words of a plan's steps (docs/design/plan.md). Every step begins [opcode, length in words].
 * A buffer is written as two words [base, offset]: its byte address is `bases[base] + offset`,
 * where `bases` is the table of the running function: its frame, the constants, its parameters.
 */
export const opcode = {
  /** [0, 2] */
  return: 0,
  /** [1, length, start, frame offset, count, (base, offset) x count] */
  call: 1,
  /** [2, length, start, frame offset, iterations, count, (base, offset, stride in bytes) x count] */
  scan: 2,
  /** [3, length, index base, index offset, frame offset, branches, starts..., count, (base, offset) x count] */
  cond: 3,
  /**
   * [4, length, condition start, body start, frame offset, predicate base, predicate offset,
   * condition count, body count, (base, offset) x condition count, (base, offset) x body count]
   */
  while: 4,
  /** [5, length, callback, count, (base, offset) x count, addresses x count] */
  host: 5,
  /**
   * Kernel k of the target is 16 + k:
   * [16 + k, length, work, shares, count, (base, offset) x count, addresses x count, immediates...]
   */
  firstKernel: 16,
} as const;

/** What surrounds a step's buffers. */
export const stepWords = {
  /** Words before the buffers of a kernel step. */
  kernelHeader: 5,
  /** Entries of a function's base table before its parameters. */
  firstParameter: 2,
} as const;

/** Entries of a function's base table. */
export const base = { frame: 0, constants: 1, firstParameter: stepWords.firstParameter } as const;
