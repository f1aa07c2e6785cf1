import { bySize, median, target, type Command } from "../command.ts";
import type { CompileTime } from "../measures/compile.ts";
import { enwik8Model } from "../models.ts";
import { inProcess } from "../process.ts";

export const compile: Command = {
  name: "compile",
  about: "tracing and compiling the step of trax's model of enwik8, 65,536 characters",
  run: (size) => {
    const depths = bySize(size, { full: [4, 8, 12], quick: [4, 12], smallest: [4] });
    const repeats = bySize(size, { full: 5, quick: 3, smallest: 1 });
    const rows = depths.map((depth) => {
      const times = Array.from({ length: repeats }, () =>
        inProcess<CompileTime>("compile", enwik8Model(depth)),
      );
      const trace = median(times.map(({ traceMilliseconds }) => traceMilliseconds));
      const plan = median(times.map(({ compileMilliseconds }) => compileMilliseconds));
      const both = times.map((time) => time.traceMilliseconds + time.compileMilliseconds);
      return {
        layers: depth,
        equations: times[0].equations,
        "trace s": trace / 1000,
        "compile s": plan / 1000,
        "both s": median(both) / 1000,
        "fastest s": Math.min(...both) / 1000,
        "processor s": median(times.map((time) => time.processorMilliseconds)) / 1000,
        "planned MiB": times[0].plannedBytes / 2 ** 20,
      };
    });
    const last = rows[rows.length - 1];
    return {
      title: "Forward, backward and update as a plan, in a fresh process",
      rows,
      notes: [target(`s for ${last.layers} layers`, last["both s"], 3, "most")],
    };
  },
};
