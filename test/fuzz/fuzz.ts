import { ReformaxError } from "../../src/core/errors.ts";
import { uniformSource } from "../support/random-data.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./samples.ts";

/** More memory than reading a file of a few thousand bytes may take. */
const mostBytes = 256 * 2 ** 20;

/** How long a mutant may take, in milliseconds: far more than the slowest does, far less than a hang. */
const mostTime = 10_000;

export interface FuzzReport {
  readonly count: number;
  /** How many were no more or no less than a right file. */
  readonly refused: number;
  readonly slowest: number;
}

/**
 * Reads `count` mutants of a target's samples. Each has an outcome that a caller can handle: a value, or one of our errors.
 *
 * @throws Error naming the seed, the mutant's number and its bytes, for the first that has another one
 */
export async function fuzz(target: Target, count: number, seed: number): Promise<FuzzReport> {
  let refused = 0;
  let slowest = 0;
  for (let number = 0; number < count; number++) {
    // Each has its own source: a mutant can be repeated without those before it.
    const uniform = uniformSource(seed * 1_000_003 + number);
    const sample = target.samples[number % target.samples.length];
    const bytes = mutate(sample, target.samples, uniform);
    const fail = (why: unknown): Error =>
      new Error(
        `${target.name}, seed ${seed}, mutant ${number}: ${why instanceof Error ? why.stack : String(why)}\n` +
          `base64: ${Buffer.from(bytes).toString("base64").slice(0, 4000)}`,
      );
    const memory = process.memoryUsage.rss();
    const begin = performance.now();
    try {
      const result: unknown = await target.read(bytes);
      if (isRefusal(result)) refused++;
    } catch (error) {
      if (!(error instanceof ReformaxError)) throw fail(error);
      refused++;
    }
    const time = performance.now() - begin;
    slowest = Math.max(slowest, time);
    if (time > mostTime) throw fail(`took ${time.toFixed(0)} ms`);
    const more = process.memoryUsage.rss() - memory;
    if (more > mostBytes) throw fail(`took ${more} bytes`);
  }
  return { count, refused, slowest };
}

const isRefusal = (result: unknown): boolean =>
  Array.isArray(result) ? result.every(isRefusal) : isOneRefusal(result);

const isOneRefusal = (result: unknown): boolean =>
  typeof result === "object" &&
  result !== null &&
  (("_tag" in result && result._tag === "Left") ||
    ("outcome" in result && result.outcome === "fail"));
