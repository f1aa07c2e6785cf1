/**
 * Draws the learning curve of a run: `node tools/plot-run.mjs runs/wiki curve.svg`. Points are measurements on the validation data, the
 * line is the mean of 50 training steps.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "./render-chart.mjs";

const stepsPerPoint = 50;

const [run, out] = process.argv.slice(2);
if (run === undefined || out === undefined) {
  console.error("usage: node tools/plot-run.mjs RUN OUT.svg");
  process.exit(2);
}

const records = readFileSync(join(run, "metrics.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const bitsOf = ({ bitsPerByte, bitsPerToken }) => Number(bitsPerByte ?? bitsPerToken);
const unit = records.some((record) => "bitsPerToken" in record) ? "token" : "byte";

const steps = records.filter((record) => record.validation === undefined);
const training = [];
for (let end = stepsPerPoint; end <= steps.length; end += stepsPerPoint) {
  const group = steps.slice(end - stepsPerPoint, end);
  const bits = group.reduce((sum, record) => sum + bitsOf(record), 0) / group.length;
  training.push({ step: group[group.length - 1].step, bits, series: "training, mean of 50 steps" });
}
const validation = records
  .filter((record) => record.validation !== undefined)
  .map((record) => ({ step: record.step, bits: bitsOf(record.validation), series: "validation" }));

const x = { field: "step", type: "quantitative", title: "steps" };
const y = {
  field: "bits",
  type: "quantitative",
  title: `bits per ${unit}`,
  scale: { zero: false },
};
const color = { field: "series", type: "nominal", title: null };
const layer = (values, mark) => ({ data: { values }, mark, encoding: { x, y, color } });
const chart = await renderChart({
  width: 480,
  height: 280,
  layer: [
    layer(training, { type: "line", strokeWidth: 1 }),
    layer(validation, { type: "line", point: true }),
  ],
});
writeFileSync(out, chart);
