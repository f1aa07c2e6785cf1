import { join } from "node:path";
import { makeFolder } from "../src/edge/node/make-folder.ts";
import { inputError } from "../src/edge/problem.ts";
import type { GivenData } from "./frame/data.ts";
import type { Experiment, Size } from "./frame/experiment.ts";
import type { Machine } from "./frame/machine.ts";
import { pageMarkdown } from "./frame/markdown.ts";
import { pageHtml, reportText } from "./frame/page.ts";
import { writeText } from "./frame/record.ts";
import { runExperiment } from "./frame/run.ts";
import { tableText } from "./frame/table.ts";
import { experiments } from "./index.ts";

export { thisMachine } from "./frame/machine.ts";

export interface ReproduceOptions {
  /** Where none is named, all but those that run by name only. */
  readonly names: readonly string[];
  readonly size: Size;
  /** Of each training; where it is left out, the experiment's own number, or one at the smallest size. */
  readonly seeds?: number;
  readonly out: string;
  readonly data?: GivenData;
  readonly machine: () => Machine;
  readonly print: (text: string) => void;
  /** Lines on how far it is. */
  readonly log: (line: string) => void;
}

/** So many tell something of the spread. */
const usualSeeds = 3;

/** Runs experiments one after the other, prints what they found, and writes it all to a folder with a page that shows it. */
export async function reproduce({
  names,
  out,
  print,
  data = {},
  seeds: asked,
  ...options
}: ReproduceOptions): Promise<void> {
  const chosen = chooseExperiments(names);
  checkData(data, chosen);
  makeFolder(out);
  for (const experiment of chosen) {
    const seeds = asked ?? (options.size === "smallest" ? 1 : (experiment.seeds ?? usualSeeds));
    const report = await runExperiment(experiment, { out, data, seeds, ...options });
    print(`${reportText(experiment, report)}\n`);
    writeText(join(out, "index.html"), pageHtml(experiments, out));
    writeText(join(out, "results.md"), pageMarkdown(experiments, out));
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
  return experiments.filter(({ name, byName }) =>
    names.length === 0 ? byName === undefined : names.includes(name),
  );
}

/** @throws InputError for data that none of the experiments reads */
function checkData(data: GivenData, chosen: readonly Experiment[]): void {
  const read = new Set(chosen.flatMap(({ data: sources = [] }) => sources.map(({ name }) => name)));
  const unread = Object.keys(data).filter((name) => !read.has(name));
  if (unread.length === 0) return;
  throw inputError({
    where: "--data",
    problem: "names data that no experiment of this run reads",
    expected: read.size === 0 ? "no --data" : [...read].join(", "),
    got: unread.join(", "),
  });
}

/** What there is, and what it takes on two cores. */
export const listText = (size: Size): string =>
  [
    tableText({
      title: `Experiments at size "${size}"`,
      columns: ["name", "minutes", "MiB", "reads", "when"],
      rows: experiments.map(({ name, costs: { [size]: cost }, data = [], byName }) => [
        name,
        String(cost.minutes),
        String(cost.mebibytes),
        data.map((source) => source.name).join(", "),
        byName ? "by name" : "always",
      ]),
    }),
    experiments.map(({ name, claim }) => `${name}: ${claim}`).join("\n"),
    sourcesText(),
  ]
    .filter((part) => part !== "")
    .join("\n\n");

const sourcesText = (): string =>
  [
    ...new Map(
      experiments.flatMap(({ data = [] }) => data.map((source) => [source.name, source] as const)),
    ).values(),
  ]
    .map(({ name, what, sample }) => `--data ${name}=PATH: ${what} (without it: ${sample})`)
    .join("\n");
