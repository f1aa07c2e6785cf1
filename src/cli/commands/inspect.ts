import { Command, Option } from "commander";
import { basename } from "node:path";
import { writeAtomically } from "../../edge/node/atomic-write.ts";
import { inputError } from "../../edge/problem.ts";
import { lookAt, type Look, type LookFlags } from "../inspect/look.ts";
import { lookPage } from "../inspect/page.ts";
import { colouredText, isShown, lookText, type Shown } from "../inspect/terminal.ts";
import {
  arithmeticOption,
  backendOption,
  roundsOption,
  threadsOption,
  wholeNumber,
  withExamples,
} from "../options.ts";
import type { Services } from "../services.ts";

interface Flags extends LookFlags {
  readonly layer?: number;
  readonly head: number;
  readonly round: number;
  readonly color: boolean;
  readonly json?: boolean;
  readonly out?: string;
}

/** `reformax inspect`. */
export const inspectCommand = (services: Services): Command => {
  const command = new Command("inspect")
    .description(
      "Show how a trained model hashes a text: buckets and chunks in colours, and how much it sees of what full attention would choose.",
    )
    .requiredOption(
      "--checkpoint <path>",
      "a run's folder, with all checkpoints that are still in it, one of them, or a .safetensors file",
    )
    .requiredOption("--text <file>", "what to look at: a file as for eval")
    .addOption(
      new Option("--from <n>", "tokens before those that are looked at")
        .argParser(wholeNumber(0))
        .default(0),
    )
    .addOption(
      new Option(
        "--tokens <n>",
        "how many are looked at (default: training.length, at most 2048)",
      ).argParser(wholeNumber(1, 8192)),
    )
    .addOption(
      new Option("--top <n>", "how many of the keys that full attention weighs most are looked for")
        .argParser(wholeNumber(1, 1024))
        .default(8),
    )
    .addOption(
      new Option("--layer <n>", "the layer in colours (default: the first that hashes)").argParser(
        wholeNumber(0),
      ),
    )
    .addOption(new Option("--head <n>", "its head").argParser(wholeNumber(0)).default(0))
    .addOption(new Option("--round <n>", "its hash round").argParser(wholeNumber(0)).default(0))
    .option("--no-color", "numbers only")
    .option("--json", "print the numbers as JSON")
    .option(
      "--out <file>",
      "write a page (.html) of its own that shows all layers, heads and rounds",
    )
    .addOption(roundsOption())
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(arithmeticOption())
    .action((flags: Flags) => inspect(flags, services));
  return withExamples(
    command,
    "inspect --checkpoint runs/book --text book.txt",
    "inspect --checkpoint runs/book --text book.txt --from 5000 --out hashing.html",
    "inspect --checkpoint runs/book --text book.txt --rounds 8 --json",
  );
};

async function inspect(flags: Flags, services: Services): Promise<void> {
  const look = await lookAt(flags, services);
  if (flags.json) console.log(JSON.stringify(numbersOf(look), null, 2));
  else {
    console.log(lookText(look));
    const shown = shownOf(flags, look);
    if (shown && hasColours(flags)) console.log(colouredText(look, shown));
  }
  if (flags.out === undefined) return;
  const page = lookPage(look, `How ${basename(flags.checkpoint)} hashes ${basename(flags.text)}`);
  writeAtomically(flags.out, new TextEncoder().encode(page));
  console.error(`reformax: wrote ${flags.out}`);
}

/** See https://no-color.org. */
const hasColours = ({ color }: Flags): boolean =>
  color &&
  (process.env.NO_COLOR ?? "") === "" &&
  (process.stdout.isTTY || (process.env.FORCE_COLOR ?? "") !== "");

/** @throws InputError for a layer, head or round that the model does not have */
function shownOf({ layer, head, round }: Flags, { report }: Look): Shown | undefined {
  const first = report.layers.at(0);
  if (!first) return undefined;
  const shown = { layer: layer ?? first.layer, head, round };
  if (isShown(report, shown)) return shown;
  throw inputError({
    where: "--layer, --head, --round",
    problem: "name none that the model hashes with",
    expected: `layer ${report.layers.map((one) => one.layer).join(", ")}; heads below ${report.heads}; rounds below ${report.rounds}`,
    got: `layer ${shown.layer}, head ${head}, round ${round}`,
  });
}

/** All but what is one number a token. */
const numbersOf = ({ step, report: { layers, ...report }, history }: Look): object => ({
  step,
  ...report,
  layers: layers.map(({ layer, recall, mass, overflow, largest, empty, sizes }) => ({
    layer,
    recall,
    mass,
    overflow,
    largest,
    empty,
    sizes,
  })),
  history,
});
