import { setTimeout } from "node:timers/promises";
import { createWasmBackend, type Arithmetic } from "../../src/backends/wasm/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import type { ModelSettings } from "../models.ts";
import { measureCeiling } from "./ceiling.ts";
import { observed } from "./observed.ts";
import { startTraining, stepName } from "./training.ts";

/** One side of a comparison. */
export interface Variant {
  readonly settings: ModelSettings;
  readonly threads: number;
  readonly arithmetic: Arithmetic;
  /** Steps in a turn. */
  readonly steps: number;
}

export interface PairedParameters {
  readonly variants: readonly Variant[];
  readonly turns: number;
  /** Of the ceiling's measurement in each turn. */
  readonly slices: number;
}

export interface VariantTimes {
  readonly tokens: number;
  readonly flops: number;
  /** Of a step in each turn. */
  readonly milliseconds: readonly number[];
  /** GFLOP/s of bare arithmetic on as many threads, right before and right after each turn. */
  readonly ceilings: readonly (readonly [number, number])[];
}

interface Side {
  readonly ceiling: () => Promise<number>;
  /** Mean of a turn's steps. */
  readonly turn: () => number;
  readonly flops: () => number;
  readonly tokens: number;
}

/**
 * Steps of several trainings in turns within one process: on a machine whose speed changes from one second to the next,
 * only neighbours in time can be compared.
 */
export async function measurePaired({
  variants,
  turns,
  slices,
}: PairedParameters): Promise<readonly VariantTimes[]> {
  const sides: Side[] = [];
  for (const variant of variants) sides.push(await startSide(variant, slices));
  const times = sides.map(() => [] as number[]);
  const ceilings = sides.map(() => [] as [number, number][]);
  for (let turn = 0; turn < turns; turn++) {
    const order = sides.map((_, i) => i);
    if (turn % 2 === 1) order.reverse();
    for (const i of order) {
      const before = await sides[i].ceiling();
      times[i].push(sides[i].turn());
      ceilings[i].push([before, await sides[i].ceiling()]);
    }
  }
  return sides.map(({ tokens, flops }, i) => ({
    tokens,
    flops: flops(),
    milliseconds: times[i],
    ceilings: ceilings[i],
  }));
}

async function startSide(
  { settings, threads, arithmetic, steps }: Variant,
  slices: number,
): Promise<Side> {
  const backend = observed(await createWasmBackend({ threads, arithmetic }), true);
  // Threads start in the meantime.
  await setTimeout(100);
  setBackend(backend);
  const training = startTraining(settings);
  training.step();
  return {
    tokens: training.tokens,
    ceiling: () => measureCeiling({ arithmetic, threads, slices }),
    turn: () => {
      setBackend(backend);
      const begin = performance.now();
      for (let i = 0; i < steps; i++) training.step();
      return (performance.now() - begin) / steps;
    },
    flops: () => backend.seen.get(stepName)?.report.flops ?? 0,
  };
}
