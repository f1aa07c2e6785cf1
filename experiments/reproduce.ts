import { join } from "node:path";
import { makeFolder } from "../src/edge/node/make-folder.ts";
import { inputError } from "../src/edge/problem.ts";
import type { Experiment, Size } from "./frame/experiment.ts";
import type { Machine } from "./frame/machine.ts";
import { pageHtml, reportText } from "./frame/page.ts";
import { writeText } from "./frame/record.ts";
import { runExperiment } from "./frame/run.ts";
import { tableText } from "./frame/table.ts";
import { experiments } from "./index.ts";

export { thisMachine } from "./frame/machine.ts";

export interface ReproduceOptions {
  /** All where none is named. */
  readonly names: readonly string[];
  readonly size: Size;
  readonly seeds: number;
  readonly out: string;
  readonly machine: () => Machine;
  readonly print: (text: string) => void;
  /** Lines on how far it is. */
  readonly log: (line: string) => void;
}

/** Runs experiments one after the other, prints what they found, and writes it all to a folder with a page that shows it. */
export async function reproduce({
  names,
  out,
  print,
  ...options
}: ReproduceOptions): Promise<void> {
  const chosen = chooseExperiments(names);
  makeFolder(out);
  for (const experiment of chosen) {
    const report = await runExperiment(experiment, { out, ...options });
    print(`${reportText(experiment, report)}\n`);
    writeText(join(out, "index.html"), pageHtml(experiments, out));
  }
  print(`Results: ${join(out, "index.html")}`);
}

/** @throws InputError for a name that no experiment has */
function chooseExperiments(names: readonly string[]): readonly Experiment[] {
  const unknown = names.filter((name) => experiments.every((one) => one.name !== name));
  if (unknown.length > 0) {
    throw inputError({
      where: "reproduce",
      problem: `no experiment is called ${unknown.join(", ")}`,
      expected: experiments.map(({ name }) => name).join(", "),
      got: unknown.join(", "),
    });
  }
  return names.length === 0 ? experiments : experiments.filter(({ name }) => names.includes(name));
}

/** What there is, and what it takes on two cores. */
export const listText = (size: Size): string =>
  `${tableText({
    title: `Experiments at size "${size}"`,
    columns: ["name", "minutes", "MiB"],
    rows: experiments.map(({ name, costs: { [size]: cost } }) => [
      name,
      String(cost.minutes),
      String(cost.mebibytes),
    ]),
  })}\n\n${experiments.map(({ name, claim }) => `${name}: ${claim}`).join("\n")}`;
