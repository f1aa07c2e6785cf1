import { escapeHtml } from "../../edge/html.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import type { Look } from "./look.ts";

/** What the page's script reads. */
export interface PageData {
  readonly labels: readonly string[];
  readonly heads: number;
  readonly rounds: number;
  readonly chunkLength: number;
  readonly layers: readonly {
    readonly layer: number;
    readonly buckets: readonly number[];
    readonly slots: readonly number[];
    readonly recall: readonly number[];
  }[];
}

/** A page of one file that shows a look: tables, and the text in the colours of its buckets, its chunks, or what its tokens found. */
export function lookPage(look: Look, title: string): string {
  const { report, labels } = look;
  const data: PageData = {
    labels,
    heads: report.heads,
    rounds: report.rounds,
    chunkLength: report.chunkLength,
    layers: report.layers.map(({ layer, buckets, slots, ofTokens }) => ({
      layer,
      buckets: [...buckets],
      slots: [...slots],
      recall: ofTokens.map((share) => Math.round(100 * share)),
    })),
  };
  // Neither a text nor JSON in a script may end it.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>Step ${look.step}: ${report.length} tokens, ${report.heads} heads, ${report.rounds} rounds, ${report.numBuckets} buckets, chunks of ${report.chunkLength} tokens.</p>
${layersTable(look)}
${historyTable(look)}
<h2>The text</h2>
<form id="choice">
<label>Layer <select id="layer">${report.layers.map(({ layer }, i) => option(i, String(layer))).join("")}</select></label>
<label>Head <select id="head">${numbered(report.heads)}</select></label>
<label>Round <select id="round">${numbered(report.rounds)}</select></label>
<label>Colours <select id="colour"><option value="bucket">buckets</option><option value="chunk">chunks</option><option value="recall">top keys found</option></select></label>
<label>Order <select id="order"><option value="text">of the text</option><option value="slot">of the buckets, chunk by chunk</option></select></label>
</form>
<p id="told"></p>
<div id="text" role="region" aria-label="The text in colours" tabindex="0"></div>
</main>
<script type="application/json" id="data">${json}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

const option = (value: number, text: string): string => `<option value="${value}">${text}</option>`;

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, i) => option(i, String(i))).join("");

const table = (
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string => `<div class="wide" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${columns.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead>
<tbody>${rows.map(([first, ...rest]) => `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</tbody></table></div>`;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const layersTable = ({ report: { layers, top } }: Look): string =>
  table(
    "Layers",
    [
      "Layer",
      `Top ${top} keys seen`,
      "Weight seen",
      "Overflow",
      "Largest bucket",
      "Empty buckets",
      "Buckets of 1, 2 to 3, 4 to 7 ... tokens",
    ],
    layers.map(({ layer, recall, mass, overflow, largest, empty, sizes }) => [
      String(layer),
      percent(recall),
      percent(mass),
      percent(overflow),
      String(largest),
      empty.toFixed(1),
      sizes.join(", "),
    ]),
  );

const historyTable = ({ history }: Look): string =>
  history.length < 2
    ? ""
    : table(
        "By checkpoint, with the same rotations",
        [
          "Step",
          "Layer",
          "Top keys seen",
          "Overflow",
          "Largest bucket",
          "In another bucket than before",
        ],
        history.flatMap(({ step, layers }) =>
          layers.map(({ layer, recall, overflow, largest, flips }) => [
            String(step),
            String(layer),
            percent(recall),
            percent(overflow),
            String(largest),
            flips === undefined ? "" : percent(flips),
          ]),
        ),
      );
