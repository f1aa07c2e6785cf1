import type { Program } from "../ir/program.ts";

/** Remembers the result of a pass per program object and text of settings; freed with the program. */
export function memoizeByProgram<Settings, Result>(
  settingsKey: (settings: Settings) => string,
  pass: (program: Program, settings: Settings) => Result,
): (program: Program, settings: Settings) => Result {
  const byProgram = new WeakMap<Program, Map<string, Result>>();
  return (program, settings) => {
    const results = byProgram.get(program) ?? new Map<string, Result>();
    byProgram.set(program, results);
    const key = settingsKey(settings);
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = pass(program, settings);
    results.set(key, result);
    return result;
  };
}

/** "10110" for a list of flags. */
export const maskKey = (mask: readonly boolean[]): string => mask.map(Number).join("");
