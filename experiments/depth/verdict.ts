import { combine, largest } from "../frame/extremes.ts";
import { pairedDifference } from "../frame/paired.ts";
import { sampleOf } from "../frame/statistics.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";
import type { Measured } from "../language/cells.ts";
import type { Variant } from "../language/settings.ts";

/** Thresholds, as they stood before the run that is committed. */
const mostGrowth = 0.1;
const gain = 0.02;
const noise = 0.02;

/** Bytes of f32 for each parameter in a training step: itself, its gradient, and what Adam keeps of it. */
const perParameter = 16;

/** What a step needs beside what grows with the parameters: activations and working space. */
export const workingBytes = (measured: Measured, variant: Variant): number | undefined => {
  const peak = sampleOf(measured(variant, "peak"));
  const parameters = sampleOf(measured(variant, "parameters"));
  return combine(peak?.mean, parameters?.mean, (all, count) => all - perParameter * count);
};

export function judgeDepth(variants: readonly Variant[], measured: Measured): Verdict {
  const [shallow, deep] = [variants[0], variants[variants.length - 1]];
  const [little, much] = [workingBytes(measured, shallow), workingBytes(measured, deep)];
  const above = (a: Variant, b: Variant) =>
    pairedDifference(measured(a, "bits"), measured(b, "bits"));
  const steps = largest(variants.slice(1).map((deeper, i) => above(deeper, variants[i])?.mean));
  return judge([
    criterion(
      `${deep.name} need at most ${mostGrowth} of its working memory more than ${shallow.name}`,
      combine(little, much, (a, b) => b / a - 1),
      (x) => x <= mostGrowth,
      3,
    ),
    criterion(
      `${deep.name} are below ${shallow.name} by at least ${gain} bits per byte (95 % bound)`,
      above(shallow, deep)?.lower,
      (x) => x >= gain,
      3,
    ),
    criterion(
      `a deeper model is never worse by more than ${noise} (means)`,
      steps,
      (x) => x <= noise,
      3,
    ),
  ]);
}
