import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Argument, Command as Program } from "commander";
import type { BenchOptions, Command, Size } from "./command.ts";
import { commands } from "./commands/index.ts";
import { formatRows } from "./format-rows.ts";
import { measures } from "./measures/index.ts";
import { drawChart } from "./plots.ts";
import { measureFlag } from "./process.ts";

interface Flags extends BenchOptions {
  readonly quick?: boolean;
  readonly smallest?: boolean;
  readonly out: string;
}

const [flag, name, parameters] = process.argv.slice(2);
if (flag === measureFlag) {
  const result = await measures[name](JSON.parse(parameters));
  // Threads of the backend would keep the process alive.
  process.stdout.write(JSON.stringify(result), () => process.exit());
} else {
  await new Program("bench")
    .description("Measures reformax, prints tables, writes JSON and plots.")
    .addArgument(
      new Argument("[names...]", "what to measure; everything if absent").choices(
        commands.map((command) => command.name),
      ),
    )
    .option("--quick", "fewer and smaller measurements")
    .option("--smallest", "only show that everything runs")
    .option("--python <path>", "a Python with transformers, to measure beside (decode)")
    .option("--out <folder>", "where results go", "bench/results")
    .action(runAll)
    .parseAsync();
}

async function runAll(
  names: readonly string[],
  { quick, smallest, out, python }: Flags,
): Promise<void> {
  const size: Size = smallest === true ? "smallest" : quick === true ? "quick" : "full";
  mkdirSync(out, { recursive: true });
  for (const command of commands) {
    if (names.length > 0 && !names.includes(command.name)) continue;
    await run(command, size, out, { python });
  }
}

async function run(
  command: Command,
  size: Size,
  out: string,
  options: BenchOptions,
): Promise<void> {
  const table = command.run(size, options);
  console.log(`\n${command.name}: ${table.title}\n${formatRows(table)}`);
  const { title, rows, charts = [] } = table;
  // The smallest form measures nothing that could be compared with a target.
  const notes = size === "smallest" ? [] : (table.notes ?? []);
  for (const note of notes) console.log(note);
  const machine = { node: process.version, processor: cpus()[0]?.model, cores: cpus().length };
  const result = { name: command.name, title, size, machine, rows, notes };
  writeFileSync(join(out, `${command.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  for (const chart of charts) {
    writeFileSync(join(out, `${chart.file}.svg`), await drawChart(chart, rows));
  }
}
