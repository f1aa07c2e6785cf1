import { combine, largest, smallest } from "../frame/extremes.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";

/** Thresholds in bits per byte, as they stood before the run that is committed. */
const worthOutput = 0.1;
const worthBuckets = 0.05;

/** Every seed has to meet each of them. On other bytes than those of which bzip2's is known, gzip's stands in for it. */
export function judgeWikipedia(
  ofModels: (name: string) => readonly number[],
  ofProgram: (name: string) => number | undefined,
): Verdict {
  const whole = ofModels("whole");
  const opponent = ofProgram("bzip2") === undefined ? "gzip" : "bzip2";
  const lost = (name: string): number | undefined =>
    known(
      smallest,
      ofModels(name).map((bits, i) => bits - whole[i]),
    );
  return judge([
    criterion(
      `below ${opponent} -9, bits per byte`,
      combine(known(largest, whole), ofProgram(opponent), (ours, theirs) => ours - theirs),
      (x) => x < 0,
      4,
    ),
    criterion(
      `without what the LSH layers find, at least ${worthOutput} bits per byte are lost`,
      lost("silent"),
      (x) => x >= worthOutput,
      4,
    ),
    criterion(
      `with every token in another one's buckets, at least ${worthBuckets} bits per byte are lost`,
      lost("shuffled"),
      (x) => x >= worthBuckets,
      4,
    ),
  ]);
}

const known = (of: typeof largest, values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : of(values);
