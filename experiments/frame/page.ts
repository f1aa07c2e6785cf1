import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { escapeHtml } from "../../src/edge/html.ts";
import { cellPath } from "./cell-path.ts";
import type { Experiment, Report, MadeFile } from "./experiment.ts";
import { machineText } from "./machine.ts";
import { chartSvg } from "./plot.ts";
import { readRecord, type RunRecord } from "./record.ts";
import { tableHtml, tableText } from "./table.ts";
import { criterionText } from "./verdict.ts";

const style = `body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0;font-size:13px}caption{text-align:left;font-weight:bold;padding:.3em 0}
th,td{border:1px solid #ccc;padding:.2em .6em;text-align:right}th:first-child{text-align:left}
.verdict{font-weight:bold}figure{margin:1em 0}img{max-width:100%;image-rendering:pixelated}pre{white-space:pre-wrap}`;

/** One page that shows all experiments of which a folder has results. */
export function pageHtml(experiments: readonly Experiment[], folder: string): string {
  const sections = experiments.flatMap((experiment) => {
    const record = readRecord(folder, experiment.name);
    return record ? [sectionHtml(experiment, record, folder)] : [];
  });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>reformax: the claims re-run</title><style>${style}</style>
<h1>The claims, re-run</h1>
${sections.join("\n")}
</html>
`;
}

function sectionHtml(experiment: Experiment, record: RunRecord, folder: string): string {
  const { tables, charts, files = [], verdict } = reportOf(experiment, record);
  const { wouldChange } = experiment;
  const criteria = verdict.criteria.map((one) => `<li>${escapeHtml(criterionText(one))}</li>`);
  return `<section id="${experiment.name}"><h2>${experiment.name}</h2>
<p>${escapeHtml(experiment.claim)}</p>
<p>Published: ${escapeHtml(experiment.published)}</p>
<p class="verdict">${verdict.outcome}</p>
<ul>${criteria.join("")}</ul>
${wouldChange === undefined ? "" : `<p>What would change it: ${escapeHtml(wouldChange)}</p>`}
${tables.map(tableHtml).join("\n")}
${charts.map(chartSvg).join("\n")}
${files.map((file) => fileHtml(experiment.name, file, folder)).join("\n")}
<p>Size ${record.size}, ${record.seconds.toFixed(0)} s. ${escapeHtml(machineText(record.machine))}</p>
</section>`;
}

/** A picture or a text as it is, others by a link; nothing where the cell that makes it has not run. */
function fileHtml(experiment: string, { cell, name, title }: MadeFile, folder: string): string {
  const path = `${cellPath(experiment, cell)}/${name}`;
  const file = join(folder, path);
  if (!existsSync(file)) return "";
  const shown = name.endsWith(".png")
    ? `<img src="${path}" alt="${escapeHtml(title)}">`
    : name.endsWith(".txt")
      ? `<pre>${escapeHtml(readFileSync(file, "utf8"))}</pre>`
      : "";
  return `<figure>${shown}<figcaption>${escapeHtml(title)}: <a href="${path}">${name}</a></figcaption></figure>`;
}

/** What a record says, as it would stand at the end of its run. */
export const reportOf = (experiment: Experiment, { size, seeds, results }: RunRecord): Report =>
  experiment.plan(size, seeds).report(results);

/** An experiment's tables and judgement for the terminal. */
export const reportText = (
  { name, claim, published, wouldChange }: Experiment,
  report: Report,
): string =>
  [
    `${name}: ${claim}`,
    `Published: ${published}`,
    ...report.tables.map((table) => `\n${tableText(table)}`),
    `\nVerdict: ${report.verdict.outcome}`,
    ...report.verdict.criteria.map((one) => `  ${criterionText(one)}`),
    ...(wouldChange === undefined ? [] : [`What would change it: ${wouldChange}`]),
  ].join("\n");
