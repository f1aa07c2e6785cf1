import { join } from "node:path";
import { makeFolder } from "../../src/edge/node/make-folder.ts";
import { inputError } from "../../src/edge/problem.ts";
import { cellPath } from "./cell-path.ts";
import { findData, type GivenData } from "./data.ts";
import type { Experiment, Report, Results, Size } from "./experiment.ts";
import type { Machine } from "./machine.ts";
import { chartSvg } from "./plot.ts";
import { readRecord, recordPath, writeRecord, writeText, type RunRecord } from "./record.ts";

export interface RunOptions {
  readonly size: Size;
  readonly seeds: number;
  /** Folder for results, which exists. */
  readonly out: string;
  /** What is not given is read from samples. */
  readonly data?: GivenData;
  readonly machine: () => Machine;
  readonly log: (line: string) => void;
}

/** Measures what the folder does not have yet; every cell is on the disk before the next one begins. */
export async function runExperiment(
  experiment: Experiment,
  { size, seeds, out, data = {}, machine, log }: RunOptions,
): Promise<Report> {
  const { name } = experiment;
  const { settings, cells, report } = experiment.plan(size, seeds);
  const sources = findData(experiment.data ?? [], data);
  let record = earlier(out, {
    experiment: name,
    size,
    seeds,
    settings,
    data: Object.fromEntries(Object.entries(sources).map(([of, { hash }]) => [of, hash])),
    machine: machine(),
    seconds: 0,
    results: {},
  });
  for (const [i, cell] of cells.entries()) {
    const where = `${name} ${i + 1}/${cells.length} ${cell.name}`;
    if (Object.hasOwn(record.results, cell.name)) {
      log(`${where}: measured before`);
      continue;
    }
    const began = performance.now();
    let before = 0;
    const numbers = await cell.run({
      sources,
      log: (line) => {
        log(`${where}: ${line}`);
      },
      folder: () => folderOf(out, name, cell.name),
      tookBefore: (seconds) => {
        before = seconds;
      },
    });
    const seconds = record.seconds + before + (performance.now() - began) / 1000;
    const results: Results = { ...record.results, [cell.name]: numbers };
    record = { ...record, machine: machine(), seconds, results };
    writeRecord(out, record);
  }
  const reported = report(record.results);
  for (const chart of reported.charts) writeText(join(out, `${chart.file}.svg`), chartSvg(chart));
  return reported;
}

function folderOf(out: string, experiment: string, cell: string): string {
  const folder = join(out, cellPath(experiment, cell));
  makeFolder(folder);
  return folder;
}

/** What is there already, if it was made in the same way. @throws InputError where it was not */
function earlier(out: string, fresh: RunRecord): RunRecord {
  const found = readRecord(out, fresh.experiment);
  if (!found) return fresh;
  const wayOf = ({ size, settings, data, machine }: RunRecord): string =>
    JSON.stringify([size, settings, data, machine.backend, machine.arithmetic]);
  if (wayOf(found) === wayOf(fresh)) return { ...found, seeds: fresh.seeds };
  throw inputError({
    where: recordPath(out, fresh.experiment),
    problem: "has results of other settings, of which a table cannot be made together",
    expected: wayOf(fresh),
    got: wayOf(found),
    fix: "Choose another folder with --out, or remove the file.",
  });
}
