import type { Report, Results } from "../frame/experiment.ts";
import { seedCell, seedValues } from "../frame/seed-cells.ts";
import { formatSample, sampleOf } from "../frame/statistics.ts";
import { curveOf } from "../frame/train-task.ts";
import { completionsFile } from "./run.ts";
import type { ImageVariant } from "./settings.ts";
import { judgeImages, type ImageBits } from "./verdict.ts";

export function imagesReport(
  variants: readonly ImageVariant[],
  seeds: number,
  results: Results,
): Report {
  const valuesOf =
    (variant: ImageVariant) =>
    (name: string): readonly number[] =>
      seedValues(results, variant.name, seeds, name);
  const bitsOf = (variant: ImageVariant): ImageBits => {
    const of = valuesOf(variant);
    const place = of("placeHistogram");
    const histogram = of("histogram").map((channel, i) => Math.min(channel, place[i]));
    return { bits: of("bits"), shuffled: of("shuffled"), histogram };
  };
  const row = (variant: ImageVariant): readonly string[] => {
    const of = valuesOf(variant);
    const text = (name: string, digits: number): string => formatSample(sampleOf(of(name)), digits);
    const { height, width, channels, levels } = variant;
    return [
      variant.name,
      `${height} x ${width} x ${channels}, ${levels} levels`,
      text("bits", 4),
      text("shuffled", 4),
      text("placeHistogram", 4),
      text("histogram", 4),
      text("spread", 3),
      text("processorSeconds", 0),
    ];
  };
  const [digits, colours] = variants;
  return {
    tables: [
      {
        title: `Bits per dimension of images that were kept back: ${seeds} seed(s), mean ± deviation`,
        columns: [
          "images",
          "size",
          "Reformer",
          "with random buckets",
          "histogram of the place",
          "histogram of the channel",
          "deviation between images",
          "seconds of processor time",
        ],
        rows: variants.map(row),
      },
    ],
    charts: variants.map((variant) => ({
      file: `images-${variant.name}`,
      title: `${variant.name}: bits per dimension of ${variant.looked} images kept back`,
      x: { title: "steps" },
      y: { title: "bits per dimension", scale: "around" },
      series: Array.from({ length: seeds }, (_, seed) => ({
        name: `seed ${seed}`,
        points: curveOf(results[seedCell(variant.name, seed)] ?? {}, "bitsPerDimension"),
      })),
    })),
    files: variants.map((variant) => ({
      cell: seedCell(variant.name, 0),
      name: completionsFile,
      title: `${variant.name}: above as they are, in the middle what the model was given, below what it wrote after that`,
    })),
    verdict: judgeImages(bitsOf(digits), bitsOf(colours)),
  };
}
