/** What the programs have in common that look at a machine with a GPU: results in files, a limit of time, one line at the end. */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `small`: only show that everything runs, on a driver for CPUs. */
export type Scale = "full" | "small";

export interface Suite {
  readonly scale: Scale;
  /** The value for the scale. */
  readonly pick: <T>(values: Readonly<Record<Scale, T>>) => T;
  /** Seconds that are left; what would not fit is not begun. */
  readonly secondsLeft: () => number;
  /** Puts a result into the file, at once: what comes later may be cut off. */
  readonly record: (key: string, value: unknown) => void;
  readonly log: (line: string) => void;
  /** Something is wrong: the program goes on, and ends with an exit code. */
  readonly fail: (what: string) => void;
  readonly failures: () => number;
}

export interface SuiteOptions {
  readonly name: string;
  /** So long it may take in all. */
  readonly seconds: number;
}

/**
 * Runs a suite, which gives the line that sums it up. Results stand in `$LOGS/NAME.json`; `SCALE=small` makes everything small, `SUITE_SECONDS`
 * changes the limit. The last line of the output is the summary; the exit code is 1 after a failure or an error.
 */
export async function runSuite(
  { name, seconds }: SuiteOptions,
  body: (suite: Suite) => Promise<string>,
): Promise<void> {
  const begin = performance.now();
  const limit = Number(process.env.SUITE_SECONDS ?? seconds);
  const scale: Scale = process.env.SCALE === "small" ? "small" : "full";
  const folder = process.env.LOGS ?? tmpdir();
  mkdirSync(folder, { recursive: true });
  const failures: string[] = [];
  const results: Record<string, unknown> = {};
  const elapsed = (): number => (performance.now() - begin) / 1000;
  const write = (state: Readonly<Record<string, unknown>>): void => {
    const all = { suite: name, scale, node: process.version, ...state, ...results };
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(all, null, 1)}\n`);
  };
  const suite: Suite = {
    scale,
    pick: (values) => values[scale],
    secondsLeft: () => limit - elapsed(),
    record: (key, value) => {
      results[key] = value;
      write({ ended: false, seconds: elapsed(), failures });
    },
    log: (line) => console.log(line),
    fail: (what) => {
      failures.push(what);
      console.log(`FAILED ${what}`);
    },
    failures: () => failures.length,
  };
  const summary = await body(suite).catch((error: unknown) => {
    suite.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return "ended by an error";
  });
  const verdict = failures.length === 0 ? "ok" : `${failures.length} FAILED`;
  write({ ended: true, seconds: elapsed(), summary, failures });
  console.log(`${name}: ${verdict}, ${summary}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
  // Devices keep the process alive. Pipes take what was printed before it ends.
  process.stdout.write("", () => process.exit());
}

/** The value in the middle, or the mean of the two there. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** So many digits that matter: files stay readable. */
export const rounded = (x: number, digits = 4): number =>
  Number.isFinite(x) ? Number(x.toPrecision(digits)) : x;
