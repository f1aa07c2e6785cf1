import type { Tensor } from "../../core/tensor.ts";
import { checkFinite } from "../../core/finite.ts";
import { toHost } from "../../core/to-host.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import type { ClassifierParams } from "../../reformer/models/classifier.ts";
import type { PassOptions } from "../../reformer/models/run-stack.ts";
import type { ClassifyConfig } from "./config.ts";
import type { ClassifiedText } from "./data.ts";
import type { ScoreWindows } from "./model.ts";
import { coveringWindows, gatherTextWindows } from "./windows.ts";

export interface ClassifyMeasureOptions extends Pick<PassOptions, "rounds" | "ablation"> {
  /** u32[2]. */
  readonly key: Tensor;
  /** Called between calls of the model; may wait. */
  readonly breathe?: () => Promise<void>;
}

export interface ClassifyMeasurement {
  /** Mean over the texts of the negative log probability of the right class, averaged over a text's windows, in nats. */
  readonly loss: number;
  /** Share of texts whose class was found. */
  readonly accuracy: number;
  /** Share of the most frequent class. */
  readonly majority: number;
  readonly texts: number;
}

/** How well the classes of texts are found: windows of a text, which cover it, add up their log probabilities. */
export async function measureClasses(
  score: ScoreWindows,
  params: ClassifierParams,
  texts: readonly ClassifiedText[],
  { training: { batch, length }, model, task: { classes = [] } }: ClassifyConfig,
  { key, breathe, ...pass }: ClassifyMeasureOptions,
): Promise<ClassifyMeasurement> {
  checkFinite(params, "measure");
  const windows = texts.flatMap((text) => coveringWindows(text, length));
  const sums = new Map(texts.map((text) => [text, { count: 0, scores: classes.map(() => 0) }]));
  for (let first = 0; first < windows.length; first += batch) {
    const group = windows.slice(first, first + batch);
    const given = gatherTextWindows(group, length, batch);
    const { scores, health } = await toHost(score(params, given, key, pass));
    checkStreams(health, "measure", model.layers);
    const words = scores.words();
    group.forEach(({ text }, row) => {
      const sum = sums.get(text);
      if (!sum) return;
      sum.count += 1;
      classes.forEach((_, i) => {
        sum.scores[i] += words[row * classes.length + i];
      });
    });
    await breathe?.();
  }
  const counts = classes.map((_, i) => texts.filter(({ label }) => label === i).length);
  const judged = [...sums].map(([{ label }, { count, scores }]) => ({
    right: scores.indexOf(Math.max(...scores)) === label,
    nats: -scores[label] / count,
  }));
  const mean = (numbers: readonly number[]): number =>
    numbers.reduce((sum, n) => sum + n, 0) / Math.max(1, numbers.length);
  return {
    loss: mean(judged.map(({ nats }) => nats)),
    accuracy: mean(judged.map(({ right }) => Number(right))),
    majority: Math.max(0, ...counts) / Math.max(1, texts.length),
    texts: texts.length,
  };
}
