import { spawnSync } from "node:child_process";

/** Says on the command line that this process measures one thing and prints it. */
export const measureFlag = "--measure";

/** Runs a measurement in a process of its own: cold caches, and a peak of memory that is its own. */
export function inProcess<Result>(
  measure: string,
  parameters: unknown,
  environment: Readonly<Record<string, string>> = {},
): Result {
  const args = [process.argv[1], measureFlag, measure, JSON.stringify(parameters)];
  const { status, stdout, error } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw error ?? new Error(`the measurement ${measure} failed`);
  return JSON.parse(stdout) as Result;
}
