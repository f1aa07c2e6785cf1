import { cellPath } from "./cell-path.ts";
import type { Experiment, Report } from "./experiment.ts";
import { machineText } from "./machine.ts";
import { reportOf } from "./page.ts";
import { readRecord, type RunRecord } from "./record.ts";
import { tableText } from "./table.ts";
import { criterionText, verdictSummary } from "./verdict.ts";

interface Shown {
  readonly experiment: Experiment;
  readonly record: RunRecord;
  readonly report: Report;
}

/** The page of all experiments of which a folder has results, in Markdown, with pictures beside it. */
export function pageMarkdown(experiments: readonly Experiment[], folder: string): string {
  const shown = experiments.flatMap((experiment): readonly Shown[] => {
    const record = readRecord(folder, experiment.name);
    return record ? [{ experiment, record, report: reportOf(experiment, record) }] : [];
  });
  const summary = tableText({
    title:
      "`npx reformax reproduce` makes these tables; `experiments/` says how each claim is judged.",
    columns: ["name", "claim", "published", "ours"],
    words: 4,
    rows: shown.map(({ experiment: { name, claim, published }, report }) => [
      `\`${name}\``,
      claim,
      published,
      verdictSummary(report.verdict),
    ]),
  });
  return `# The claims, re-run\n\n${summary}\n\n${shown.map(section).join("\n\n")}\n`;
}

const section = ({ experiment, record, report }: Shown): string =>
  [
    `## ${experiment.name}`,
    `Size ${record.size}, ${record.seconds.toFixed(0)} s. ${machineText(record.machine)}`,
    ...report.tables.map(tableText),
    `Verdict: ${report.verdict.outcome}`,
    report.verdict.criteria.map((one) => `- ${criterionText(one)}`).join("\n"),
    ...(experiment.wouldChange === undefined
      ? []
      : [`What would change it: ${experiment.wouldChange}`]),
    ...report.charts.map(({ file, title }) => `![${title}](${file}.svg)`),
    ...(report.files ?? [])
      .filter(({ cell }) => Object.hasOwn(record.results, cell))
      .map(({ cell, name, title }) => {
        const link = `[${title}](${cellPath(experiment.name, cell)}/${name})`;
        return name.endsWith(".png") ? `!${link}` : link;
      }),
  ].join("\n\n");
