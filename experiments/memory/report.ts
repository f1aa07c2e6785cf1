import type { Report, Results } from "../frame/experiment.ts";
import { combine } from "../frame/extremes.ts";
import { exponentBetween, mebibytes } from "../frame/statistics.ts";
import { criterion, judge } from "../frame/verdict.ts";
import {
  caseName,
  kindNames,
  middle,
  type Case,
  type Kind,
  type MemorySettings,
} from "./settings.ts";

/** Thresholds, as they stood before the run that is committed. */
const leastRatio = 4;
const mostGrowth = 0.1;
const mostExponent = 1.1;
const leastExponent = 1.6;
const mostForRounds = 1.5;

export function memoryReport(settings: MemorySettings, results: Results): Report {
  const { lengths, depths, rounds, roundCounts } = settings;
  const [shallow, deep] = [depths[0], depths[depths.length - 1]];
  const [short, long] = [lengths[lengths.length - 2], lengths[lengths.length - 1]];
  const atLength = (kind: Kind, length: number): Case => ({ kind, length, depth: shallow, rounds });
  const atDepth = (kind: Kind, depth: number): Case => ({
    kind,
    length: middle(settings),
    depth,
    rounds,
  });
  const read = (what: Case, name: "peak" | "parameters"): number | undefined =>
    Object.hasOwn(results, caseName(what))
      ? (results[caseName(what)][name] ?? undefined)
      : undefined;
  const peak = (what: Case): number | undefined => read(what, "peak");
  /** Without the parameters' gradients, of which every model has as much as it has parameters. */
  const rest = (what: Case): number | undefined =>
    combine(peak(what), read(what, "parameters"), (all, one) => all - one);
  const exponent = (kind: Kind): number | undefined =>
    combine(rest(atLength(kind, short)), rest(atLength(kind, long)), (a, b) =>
      exponentBetween([short, a], [long, b]),
    );
  const growth = (kind: Kind): number | undefined =>
    combine(rest(atDepth(kind, shallow)), rest(atDepth(kind, deep)), (a, b) => b / a - 1);
  const withRounds = (count: number): Case => ({
    ...atDepth("Reformer, chunks", shallow),
    rounds: count,
  });
  const ratio = combine(
    peak(atLength("Transformer, L x L", long)),
    peak(atLength("Reformer, chunks", long)),
    (a, b) => a / b,
  );
  const ofRounds = combine(
    peak(withRounds(roundCounts[0])),
    peak(withRounds(roundCounts[roundCounts.length - 1])),
    (a, b) => b / a,
  );
  return {
    tables: [
      {
        title: `Peak of loss and gradient by length, MiB: ${shallow} layers, ${rounds} rounds; exponent between the longest two, without the parameters' gradients`,
        columns: ["model", ...lengths.map(String), "exponent"],
        rows: kindNames.map((kind) => [
          kind,
          ...lengths.map((length) => mebibytes(peak(atLength(kind, length)))),
          exponent(kind)?.toFixed(2) ?? "-",
        ]),
      },
      {
        title: `By layers, MiB: length ${middle(settings)}; the last column is what ${deep} layers need more than ${shallow}, without the parameters' gradients`,
        columns: ["model", ...depths.map(String), "more"],
        rows: kindNames.map((kind) => [
          kind,
          ...depths.map((depth) => mebibytes(peak(atDepth(kind, depth)))),
          combine(growth(kind), 100, (a, b) => a * b)
            ?.toFixed(1)
            .concat(" %") ?? "-",
        ]),
      },
      {
        title: `Reformer with chunks by rounds, MiB: length ${middle(settings)}, ${shallow} layers`,
        columns: ["rounds", ...roundCounts.map(String)],
        rows: [["peak", ...roundCounts.map((count) => mebibytes(peak(withRounds(count))))]],
      },
    ],
    charts: [
      {
        file: "memory-length",
        title: "Peak of loss and gradient by length",
        x: { title: "tokens", log: true },
        y: { title: "MiB", log: true },
        series: kindNames.map((kind) => ({
          name: kind,
          points: points(lengths, (length) => peak(atLength(kind, length))),
        })),
      },
      {
        file: "memory-depth",
        title: "Peak of loss and gradient by layers",
        x: { title: "layers" },
        y: { title: "MiB" },
        series: kindNames.map((kind) => ({
          name: kind,
          points: points(depths, (depth) => peak(atDepth(kind, depth))),
        })),
      },
    ],
    verdict: judge([
      criterion(
        `the Transformer that stores L x L needs at least ${leastRatio} times the Reformer's memory, at length ${long}`,
        ratio,
        (x) => x >= leastRatio,
        2,
      ),
      criterion(
        `from ${shallow} to ${deep} layers a Reformer needs at most ${mostGrowth} of its activations more`,
        growth("Reformer, chunks"),
        (x) => x <= mostGrowth,
        3,
      ),
      criterion(
        `its exponent of the length is at most ${mostExponent}`,
        exponent("Reformer, chunks"),
        (x) => x <= mostExponent,
        2,
      ),
      criterion(
        `that of the Transformer which stores L x L is at least ${leastExponent}`,
        exponent("Transformer, L x L"),
        (x) => x >= leastExponent,
        2,
      ),
      criterion(
        `the most rounds need at most ${mostForRounds} times the memory of one`,
        ofRounds,
        (x) => x <= mostForRounds,
        2,
      ),
    ]),
  };
}

const points = (
  at: readonly number[],
  bytes: (x: number) => number | undefined,
): readonly (readonly [number, number])[] =>
  at.flatMap((x) => {
    const value = bytes(x);
    return value === undefined ? [] : [[x, value / 2 ** 20] as const];
  });
