import { BackendError } from "../../../core/errors.ts";
import { threadsVariable } from "./support.ts";

/** Kernels have workspace for so many parts. */
export const mostThreads = 32;

/**
 * How many threads to use: what the caller says, else what the environment says, else one per core. The environment is
 * looked at only if the caller says nothing.
 * @throws BackendError when that is no whole number from 1 to 32
 */
export function chooseThreads(
  option: number | undefined,
  readEnvironment: () => string | undefined,
  cores: number,
): number {
  if (option !== undefined) return valid("threads", option, String(option));
  const environment = readEnvironment();
  if (environment !== undefined && environment.trim() !== "") {
    const number = /^\s*\d+\s*$/.test(environment) ? Number(environment) : NaN;
    return valid(threadsVariable, number, `"${environment}"`);
  }
  return Math.min(Math.max(cores, 1), mostThreads);
}

function valid(where: string, threads: number, got: string): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads) return threads;
  throw new BackendError("invalid number of threads", {
    where,
    expected: `a whole number from 1 to ${mostThreads}`,
    got,
    fix: "Leave it out to use one thread per core.",
  });
}
