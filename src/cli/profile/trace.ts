import type { RunProfile } from "../../plan/index.ts";

/** A complete event ("X") or metadata ("M") of Chrome's trace event format; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  readonly ph: "X" | "M";
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** What Chrome's tracing viewer and Perfetto open. */
export interface Trace {
  readonly displayTimeUnit: "ms";
  readonly traceEvents: readonly TraceEvent[];
}

const pid = 1;
const tid = 1;

/**
 * The runs one after the other on the clock of the first: a run, the functions within it and its steps lie over one
 * another.
 * "Trace Event Format", Duquette and others, Google.
 */
export function chromeTrace(runs: readonly RunProfile[]): Trace {
  const who = runs.some(({ device }) => device) ? "device" : "calling thread";
  const origin = Math.min(...runs.map(({ begin }) => begin));
  const timed = (name: string, cat: string, begin: number, end: number, args: TraceEvent["args"]) =>
    ({
      name,
      cat,
      ph: "X",
      ts: (begin - origin) * 1000,
      dur: (end - begin) * 1000,
      pid,
      tid,
      args,
    }) satisfies TraceEvent;
  return {
    displayTimeUnit: "ms",
    traceEvents: [
      { name: "process_name", ph: "M", pid, tid, args: { name: "reformax" } },
      { name: "thread_name", ph: "M", pid, tid, args: { name: who } },
      ...runs.flatMap((run) => [
        timed(run.where, "run", run.begin, run.end, {
          threads: run.threads,
          "steps left out": run.missedEvents,
        }),
        ...run.events.map(({ step, begin, end }) =>
          timed(step.name, step.operation, begin, end, {
            kernel: step.operation,
            within: step.within,
            flops: step.flops,
            bytes: step.bytes,
          }),
        ),
      ]),
    ],
  };
}
