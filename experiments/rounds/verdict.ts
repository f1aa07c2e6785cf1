import { largest } from "../frame/extremes.ts";
import { pairedDifference } from "../frame/paired.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";
import type { Measured } from "../language/cells.ts";
import { full, hashed } from "./settings.ts";

/** Thresholds in bits per byte, as they stood before the run that is committed. */
const gain = 0.1;
const near = 0.1;
const noise = 0.02;
const worth = 0.1;

/** Differences are those of seeds, and their bounds have to meet the thresholds. */
export function judgeRounds(measured: Measured): Verdict {
  const [one, , , eight] = hashed;
  const above = (a: typeof one, b: typeof one) =>
    pairedDifference(measured(a, "bits"), measured(b, "bits"));
  const steps = largest(hashed.slice(1).map((more, i) => above(more, hashed[i])?.mean));
  const hashing = pairedDifference(measured(eight, "shuffled"), measured(eight, "bits"));
  return judge([
    criterion(
      `one round is above eight by at least ${gain} bits per byte (95 % bound)`,
      above(one, eight)?.lower,
      (x) => x >= gain,
      3,
    ),
    criterion(
      `twice as many rounds are never worse by more than ${noise} (means)`,
      steps,
      (x) => x <= noise,
      3,
    ),
    criterion(
      `eight rounds are above full attention by at most ${near} (95 % bound)`,
      above(eight, full)?.upper,
      (x) => x <= near,
      3,
    ),
    criterion(
      `with every token in another one's bucket, eight rounds lose at least ${worth} (95 % bound)`,
      hashing?.lower,
      (x) => x >= worth,
      3,
    ),
  ]);
}
