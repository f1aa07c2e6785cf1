import { Command, Option } from "commander";
import { canResume, parameterHash, parametersOf, type StoreOptions } from "../../training/index.ts";
import { describeRounding } from "../../training/checkpoint/store-options.ts";
import { otherBits } from "../../training/checkpoint/other-bits.ts";
import { convertAnyCheckpoint } from "../../training/node/index.ts";
import { realNumber, wholeNumber, withExamples } from "../options.ts";
import type { Services } from "../services.ts";
import { printLine } from "../terminal.ts";
import { copyTokenizer } from "../tokenizer-file.ts";

/** `reformax convert`. */
export const convertCommand = (services: Services): Command => {
  const command = new Command("convert")
    .description(
      "Bring a checkpoint forward to the newest format, or into one small file. Overwrites nothing.",
    )
    .argument("<from>", "a run's folder (its newest checkpoint), one checkpoint, or a file")
    .argument("<to>", "a new file, if it ends in .safetensors, or a new run's folder")
    .option(
      "--parameters-only",
      "leave out the optimiser: enough for eval and generate, too little for train --resume",
    )
    .addOption(
      new Option(
        "--dtype <type>",
        "what parameters are stored as: bf16 and f16 take half of the space, and are rounded",
      )
        .choices(["f32", "bf16", "f16"])
        .default("f32"),
    )
    .addOption(
      new Option(
        "--significant-bits <count>",
        "round parameters to so many significant bits, 1 to 24: the file is as long, but compresses better",
      ).argParser(wholeNumber(1, 24)),
    )
    .addOption(
      new Option(
        "--grid <share>",
        "round matrices to multiples of a power of two near this share of their root mean square, above 0 and up to 1: compresses better still",
      ).argParser(realNumber("a number above 0 and up to 1", (share) => share > 0 && share <= 1)),
    )
    .action((from: string, to: string, flags: StoreOptions) => convert(from, to, flags, services));
  return withExamples(
    command,
    "convert runs/book book.safetensors",
    "convert runs/book book.safetensors --parameters-only --dtype bf16",
    "convert runs/book small.safetensors --parameters-only --dtype bf16 --grid 0.12",
    "convert runs/old/step-00002000 runs/new",
  );
};

async function convert(
  from: string,
  to: string,
  flags: StoreOptions,
  { fault }: Services,
): Promise<void> {
  const { read, written } = convertAnyCheckpoint(from, to, { ...flags, fault });
  for (const warning of read.warnings) console.error(`reformax: ${warning}`);
  const { version, writer } = read.writer;
  const by = writer === undefined ? "" : `, written by reformax ${writer}`;
  printLine(`read step ${read.checkpoint.step} of format ${version}${by}`);
  const before = parameterHash(parametersOf(read.checkpoint));
  const after = parameterHash(parametersOf(written));
  printLine(`parameters ${before}`);
  if (after !== before) {
    printLine(`stored as ${describeRounding(flags)}, these are`);
    printLine(`parameters ${after}`);
  }
  await copyTokenizer(from, to, written.config, fault);
  printLine(`saved in ${to}`);
  // What is written names this version: resuming from it could not say so any more.
  if (!canResume(written)) return;
  for (const note of otherBits(read.checkpoint)) printLine(note);
}
