import { formatTable, names, numbers } from "../table.ts";
import type { AttentionReport, LayerLook } from "../../training/inspect/attention-report.ts";
import type { Look } from "./look.ts";

const percent = (share: number): number => 100 * share;

/** Which of all hashings of a text is shown in colours. */
export interface Shown {
  readonly layer: number;
  readonly head: number;
  readonly round: number;
}

/** The layers one below the other, then how they were at earlier checkpoints. */
export function lookText({ step, report, history }: Look): string {
  const { length, heads, rounds, numBuckets, chunkLength, top, layers } = report;
  if (layers.length === 0) {
    return `Nothing is hashed: the model has no lsh layers, or one chunk holds all ${length} tokens.`;
  }
  const lines = [
    `step ${step}: ${length} tokens, ${heads} heads, ${rounds} rounds, ${numBuckets} buckets, chunks of ${chunkLength}`,
    formatTable<LayerLook>(
      [
        numbers("layer", ({ layer }) => layer, 0),
        numbers(`% of top ${top} keys seen`, ({ recall }) => percent(recall), 1),
        numbers("% of weight seen", ({ mass }) => percent(mass), 1),
        numbers("% overflow", ({ overflow }) => percent(overflow), 1),
        numbers("largest bucket", ({ largest }) => largest, 0),
        numbers("empty buckets", ({ empty }) => empty, 1),
        names("buckets of 1, 2-3, 4-7 ... tokens", ({ sizes }) => sizes.join(" ")),
      ],
      layers,
    ),
  ];
  if (history.length > 1)
    lines.push("By checkpoint, with the same rotations:", historyText(history));
  return lines.join("\n");
}

function historyText(history: Look["history"]): string {
  const rows = history.flatMap(({ step, layers }) => layers.map((one) => ({ step, ...one })));
  return formatTable<(typeof rows)[number]>(
    [
      numbers("step", ({ step }) => step, 0),
      numbers("layer", ({ layer }) => layer, 0),
      numbers("% seen", ({ recall }) => percent(recall), 1),
      numbers("% overflow", ({ overflow }) => percent(overflow), 1),
      numbers("largest", ({ largest }) => largest, 0),
      names("% in another bucket than before", ({ flips }) =>
        flips === undefined ? "-" : percent(flips).toFixed(1),
      ),
    ],
    rows,
  );
}

/** The text coloured by bucket, then by what each token found of its top keys: red for nothing, green for all. */
export function colouredText(
  { labels, report }: Look,
  { layer, head, round }: Shown,
): string | undefined {
  const look = report.layers.find((one) => one.layer === layer);
  if (!look) return undefined;
  const from = (head * report.rounds + round) * report.length;
  const byBucket = labels.map((label, i) => painted(label, backgroundOf(look.buckets[from + i])));
  const byRecall = labels.map((label, i) => painted(label, shades[shadeOf(look.ofTokens[i])]));
  return [
    `layer ${layer}, head ${head}, round ${round}: a colour is a bucket`,
    byBucket.join(""),
    `layer ${layer}, all heads and rounds: red has found none of its top ${report.top} keys, green all`,
    byRecall.join(""),
  ].join("\n");
}

/** Colours 16 to 231 are a cube of six levels; these steps go through it so that neighbours are far apart. */
const backgroundOf = (bucket: number): number => 16 + ((bucket * 83 + 40) % 216);

const shades = [124, 130, 136, 100, 64, 28] as const;

const shadeOf = (share: number): number =>
  Math.min(shades.length - 1, Math.floor(share * shades.length));

/** Black or white, whichever is read better on the colour. */
function painted(label: string, background: number): string {
  const [red, green, blue] = [36, 6, 1].map((unit) => Math.floor((background - 16) / unit) % 6);
  const ink = 2 * red + 5 * green + blue > 18 ? 16 : 231;
  return label
    .split("\n")
    .map((part) => `\u001B[48;5;${background};38;5;${ink}m${part}\u001B[0m`)
    .join("\n");
}

/** Whether a report has this layer, head and round. */
export const isShown = (
  { heads, rounds, layers }: AttentionReport,
  { layer, head, round }: Shown,
): boolean => layers.some((one) => one.layer === layer) && head < heads && round < rounds;
