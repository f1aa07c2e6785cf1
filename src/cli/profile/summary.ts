import type { RunProfile } from "../../plan/index.ts";

/** What was measured: the runs of so many steps. */
export interface Measured {
  readonly runs: readonly RunProfile[];
  readonly steps: number;
  /** Of all steps together, on the host's clock. */
  readonly wallMilliseconds: number;
}

const total = (runs: readonly RunProfile[], part: (run: RunProfile) => number): number =>
  runs.reduce((sum, run) => sum + part(run), 0);

/** Time from the first kernel of each run to its last. */
export const runMilliseconds = (runs: readonly RunProfile[]): number =>
  total(runs, ({ begin, end }) => end - begin);

/** One sentence about a step as a whole. */
export function summary(measured: Measured): string {
  const { runs, steps } = measured;
  const per = (value: number): string => `${(value / steps).toFixed(1)} ms`;
  const milliseconds = runMilliseconds(runs);
  const timed = total(runs, (run) => run.steps.reduce((sum, step) => sum + step.milliseconds, 0));
  const between = `of which ${per(milliseconds - timed)} between kernels`;
  if (runs.some(({ device }) => device)) return ofDevice(measured, between);
  return (
    `${per(milliseconds)} a step, ${between}; ` +
    `${per(total(runs, (run) => run.copyMilliseconds))} more to copy values in and out; ` +
    `${Math.max(...runs.map(({ threads }) => threads))} threads, mean of ${steps} steps`
  );
}

function ofDevice({ runs, steps, wallMilliseconds }: Measured, between: string): string {
  const per = (value: number): string => `${(value / steps).toFixed(1)} ms`;
  const calls = total(runs, ({ device }) => device?.dispatches ?? 0) / steps;
  const pipelines = Math.max(...runs.map(({ device }) => device?.pipelines ?? 0));
  const encoding = total(runs, ({ device }) => device?.encodeMilliseconds ?? 0);
  const isTimed = runs.every(({ device }) => device?.isTimed !== false);
  const onDevice = isTimed
    ? `${per(runMilliseconds(runs))} a step on the device, ${between}`
    : "the device tells no times, so that kernel calls are only counted";
  return (
    `${onDevice}; ${calls.toFixed(0)} kernel calls a step of ${pipelines} compiled kernels, which the CPU writes down in ` +
    `${per(encoding)}; ${per(wallMilliseconds)} a step in all, with every call timed by itself, ` +
    `mean of ${steps} steps`
  );
}
