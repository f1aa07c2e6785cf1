import { checkWhole } from "../core/whole.ts";
import { ReformaxError } from "../core/errors.ts";

/** Which arguments of a call are static and which donated. */
interface Positions {
  readonly statics: ReadonlySet<number>;
  readonly donate: ReadonlySet<number>;
}

interface PositionOptions {
  readonly staticArgnums?: readonly number[];
  readonly donateArgnums?: readonly number[];
}

/** The positions for calls with a given number of arguments, worked out once for each number. */
export function argumentPositions(
  { staticArgnums = [], donateArgnums = [] }: PositionOptions,
  where: string,
): (count: number) => Positions {
  for (const position of [...staticArgnums, ...donateArgnums]) {
    checkWhole(position, "a position of an argument", where);
  }
  checkApart(staticArgnums, new Set(donateArgnums));
  const byCount = new Map<number, Positions>();
  return (count) => {
    const known = byCount.get(count);
    if (known) return known;
    const statics = positionsOf(staticArgnums, count, `staticArgnums of ${where}`);
    const donate = positionsOf(donateArgnums, count, `donateArgnums of ${where}`);
    checkApart([...statics], donate);
    byCount.set(count, { statics, donate });
    return { statics, donate };
  };
}

/** Negative positions count from the end, as everywhere. */
const positionsOf = (given: readonly number[], count: number, where: string): Set<number> =>
  new Set(
    given.map((position) => {
      const index = position < 0 ? position + count : position;
      if (Number.isInteger(index) && index >= 0 && index < count) return index;
      throw new ReformaxError("no argument has this position", {
        where,
        expected:
          count === 0 ? "a call with arguments" : `an integer from ${-count} to ${count - 1}`,
        got: String(position),
      });
    }),
  );

function checkApart(statics: readonly number[], donate: ReadonlySet<number>): void {
  const both = statics.find((index) => donate.has(index));
  if (both === undefined) return;
  throw new ReformaxError("a static argument cannot be donated", {
    where: "jit",
    got: `argument ${both}`,
  });
}
