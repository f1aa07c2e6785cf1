import { largest } from "../frame/extremes.ts";
import { pairedDifference } from "../frame/paired.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";
import type { Measured } from "../language/cells.ts";
import { sharedCase } from "./copy-cases.ts";
import type { CopyMeasured } from "./copy-part.ts";
import { pairs } from "./settings.ts";

/** Thresholds, as they stood before the run that is committed: bits per byte, and a share. */
const harm = 0.05;
const solved = 0.99;

export function judgeSharedQk(measured: Measured, copied: CopyMeasured): Verdict {
  const above = pairs.map(({ shared, separate, residual }) => ({
    residual,
    difference: pairedDifference(measured(shared, "bits"), measured(separate, "bits")),
  }));
  const accuracy = copied(sharedCase, "accuracy");
  return judge([
    criterion(
      `shared is above separate by at most ${harm} bits per byte, with both kinds of residuals (95 % bounds)`,
      largest(above.map(({ difference }) => difference?.upper)),
      (x) => x <= harm,
      3,
    ),
    criterion(
      `the copy task is solved by every seed with shared keys: at least ${100 * solved} %`,
      accuracy.length === 0 ? undefined : 100 * Math.min(...accuracy),
      (x) => x >= 100 * solved,
    ),
  ]);
}
