import { Command, Option } from "commander";
import type { ReproduceOptions } from "../../../experiments/reproduce.ts";
import {
  arithmeticOption,
  backendOption,
  namedPaths,
  threadsOption,
  wholeNumber,
  withExamples,
} from "../options.ts";
import type { BackendFlags, Services } from "../services.ts";
import { printLine } from "../terminal.ts";

interface Flags extends BackendFlags {
  readonly full?: boolean;
  readonly smallest?: boolean;
  readonly seeds?: number;
  readonly out: string;
  readonly list?: boolean;
  readonly data?: Readonly<Record<string, string>>;
}

/** `reformax reproduce`. */
export const reproduceCommand = (services: Services): Command => {
  const command = new Command("reproduce")
    .description("Run the published claims again: tables, plots, and a verdict on each.")
    .argument(
      "[names...]",
      "experiments to run (default: all but those that --list says run by name)",
    )
    .option("--list", "say what there is, with minutes and memory, and run nothing")
    .option(
      "--out <dir>",
      "folder for results; a run that was stopped goes on there",
      "reproduction",
    )
    .addOption(
      new Option(
        "--seeds <n>",
        "seeds of each training (default: 3, 1 for what runs by name and at the smallest size)",
      ).argParser(wholeNumber(1, 1000)),
    )
    .addOption(new Option("--full", "the sizes of the paper: hours to days").conflicts("smallest"))
    .option("--smallest", "seconds each, to see that all runs; what comes out means nothing")
    .addOption(
      new Option(
        "--data <name=path>",
        "real data of a name, as --list says; may be given for several (default: small samples)",
      ).argParser(namedPaths),
    )
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(arithmeticOption())
    .action((names: readonly string[], flags: Flags) => run(names, flags, services));
  return withExamples(
    command,
    "reproduce --list",
    "reproduce copy",
    "reproduce memory speed --out runs/claims",
    "reproduce wikipedia --data enwik8=enwik8.gz",
  );
};

async function run(names: readonly string[], flags: Flags, services: Services): Promise<void> {
  // Here, because the other commands need none of it.
  const { listText, reproduce, thisMachine } = await import("../../../experiments/reproduce.ts");
  const size: ReproduceOptions["size"] = flags.full
    ? "full"
    : flags.smallest
      ? "smallest"
      : "default";
  if (flags.list) {
    printLine(listText(size));
    return;
  }
  const { backend, out, data, seeds, arithmetic = "strict" } = flags;
  const { count } = await services.startBackend(flags);
  await reproduce({
    names,
    size,
    seeds,
    out,
    data,
    machine: () => thisMachine(backend, count, arithmetic),
    print: (text) => {
      console.log(text);
    },
    log: (line) => {
      console.error(line);
    },
  });
}
