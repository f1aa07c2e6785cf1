import { measureCeiling } from "./ceiling.ts";
import { startPrograms } from "./served.ts";
import { startSteps, type StepsParameters } from "./steps.ts";

/** One side of a comparison. */
export interface Variant extends StepsParameters {
  /** So many separate programs do this at the same time; one, in this process, if absent. */
  readonly programs?: number;
}

export interface PairedParameters {
  readonly variants: readonly Variant[];
  readonly turns: number;
  /** Of the ceiling's measurement in each turn. */
  readonly slices: number;
}

export interface VariantTimes {
  /** Of all programs together. */
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
  readonly turn: () => Promise<number>;
  readonly flops: number;
  readonly tokens: number;
}

/**
 * Steps of several trainings in turns: on a machine whose speed changes from one second to the next, only neighbours in time
 * can be compared.
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
      times[i].push(await sides[i].turn());
      ceilings[i].push([before, await sides[i].ceiling()]);
    }
  }
  return sides.map(({ tokens, flops }, i) => ({
    tokens,
    flops,
    milliseconds: times[i],
    ceilings: ceilings[i],
  }));
}

async function startSide({ programs = 1, ...variant }: Variant, slices: number): Promise<Side> {
  const { arithmetic, threads } = variant;
  const { turn, tokens, flops } =
    programs > 1 ? await startPrograms(variant, programs) : await startSteps(variant);
  return {
    tokens: programs * tokens,
    flops: programs * flops,
    ceiling: () => measureCeiling({ arithmetic, threads: programs * threads, slices }),
    turn: async () => turn(),
  };
}
