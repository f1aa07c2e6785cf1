/**
 * Draws the picture of README.md from plans, which are the same on every machine: `npm run build && node tools/draw-idea.mjs` writes
 * docs/images/idea.svg and prints its numbers. What is planned are the value and the gradient of a stack of layers.
 */
import { writeFileSync } from "node:fs";
import { grad, init, jit } from "reformax";
import { add, mean, square, zeros } from "reformax/numpy";
import { fromFixed, toFixed } from "reformax/lax";
import { key } from "reformax/random";
import {
  buildLayers,
  initParams,
  reformerConfig,
  reversible,
  stackContext,
  stored,
} from "reformax/reformer";
import { renderChart } from "./render-chart.mjs";

const out = "docs/images/idea.svg";

const configOf = (kind, depth) =>
  reformerConfig({
    width: 256,
    heads: 4,
    layers: new Array(depth).fill(kind),
    lsh: { rounds: 2 },
    positions: { kind: "axial", shape: [64, 1024], widths: [128, 128] },
  });

/** The plan of a stack's gradient: nothing of it runs. */
function planOf({ kind, depth, length, make }) {
  const config = configOf(kind, depth);
  const run = make(buildLayers(config, "training"));
  const loss = (layers, x, rotationKey) => {
    const context = stackContext(config, rotationKey, { mode: "training", length });
    const streams = { first: toFixed(x), second: toFixed(x) };
    const { first, second } = run(layers, streams, context).streams;
    return mean(square(add(fromFixed(first), fromFixed(second))));
  };
  const { layers } = initParams(config, key(0));
  return jit(grad(loss)).lower(layers, zeros([1, length, config.width]), key(1)).report;
}

/** Finer digits change with how a plan counts, and nobody sees them. */
const rounded = (value) => Math.round(value * 10) / 10;

await init("wasm", { threads: 1 });

const memory = [2, 4, 8, 12, 16, 20, 24].flatMap((depth) => {
  const mebibytes = (make) =>
    rounded(planOf({ kind: "lsh", depth, length: 4096, make }).peakBytes / 2 ** 20);
  return [
    { x: depth, y: mebibytes(stored), series: "every activation kept" },
    { x: depth, y: mebibytes(reversible), series: "rebuilt on the way back" },
  ];
});

const work = [1024, 2048, 4096, 8192, 16384, 32768, 65536].flatMap((length) => {
  const perToken = (kind) =>
    rounded(planOf({ kind, depth: 1, length, make: reversible }).flops / length / 1e6);
  return [
    { x: length, y: perToken("full"), series: "every pair compared" },
    { x: length, y: perToken("lsh"), series: "neighbours by hash" },
  ];
});

/** Two lines: one that grows, in grey, and one that stays, in colour. Each is named beside its point at `nameAt`. */
function panel({ title, subtitle, values, nameAt, x, y }) {
  const [grows, stays] = values.slice(0, 2).map(({ series }) => series);
  const encoding = {
    x: { field: "x", type: "quantitative", ...x },
    y: { field: "y", type: "quantitative", ...y },
    color: {
      field: "series",
      type: "nominal",
      legend: null,
      scale: { domain: [grows, stays], range: ["#5f6670", "#c2410c"] },
    },
  };
  return {
    width: 330,
    height: 210,
    title: { text: title, subtitle, anchor: "start", fontSize: 15, subtitleFontSize: 12 },
    data: { values },
    encoding,
    layer: [
      { mark: { type: "line", strokeWidth: 3 } },
      { mark: { type: "point", filled: true, size: 45 } },
      {
        transform: [{ filter: { field: "x", equal: nameAt } }],
        mark: { type: "text", align: "right", dx: -8, dy: -12, fontSize: 13, fontWeight: "bold" },
        encoding: { text: { field: "series" } },
      },
    ],
  };
}

const grid = { gridColor: "#e5e7eb", labelFontSize: 12, titleFontSize: 12 };
const chart = await renderChart({
  padding: 14,
  config: { font: "Helvetica, Arial, sans-serif", axis: grid, view: { stroke: null } },
  resolve: { scale: { color: "independent" } },
  spacing: 40,
  hconcat: [
    panel({
      title: "Memory hardly grows with depth",
      subtitle: "4,096 tokens, width 256",
      values: memory,
      nameAt: 20,
      x: { title: "layers", axis: { tickCount: 6 } },
      y: { title: "MiB for a gradient" },
    }),
    panel({
      title: "Work per token does not grow with length",
      subtitle: "one layer, width 256",
      values: work,
      nameAt: 65536,
      x: {
        title: "tokens",
        scale: { type: "log", base: 2 },
        axis: { values: [1024, 4096, 16384, 65536], format: "," },
      },
      y: { title: "million operations" },
    }),
  ],
});
writeFileSync(out, chart);
console.table(memory);
console.table(work);
