import type { RunProfile } from "../../src/backends/wasm/index.ts";
import { profileRows } from "../../src/cli/profile/rows.ts";
import { init, jit } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, normal } from "../../src/random/index.ts";
import type { ModelSettings } from "../models.ts";
import { startTraining, stepName } from "./training.ts";

export interface KernelsParameters {
  /** Sides of square products. */
  readonly sides: readonly number[];
  readonly settings: ModelSettings;
  readonly repeats: number;
}

export interface KernelTime {
  readonly what: string;
  readonly calls: number;
  readonly milliseconds: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Kernels on one thread: square matrix products, and all that a training step is made of. */
export async function measureKernels({
  sides,
  settings,
  repeats,
}: KernelsParameters): Promise<readonly KernelTime[]> {
  const runs: RunProfile[] = [];
  await init("wasm", { threads: 1, profile: { onRun: (run) => runs.push(run) } });
  const products = sides.map((side): KernelTime => {
    const x = normal(key(side), [side, side]);
    const name = `product ${side}`;
    const product = jit(np.matmul, { name });
    for (let i = 0; i <= repeats; i++) product(x, x);
    const [row] = fastest(runs, name);
    return { ...row, what: `matmul ${side} x ${side} x ${side}` };
  });
  const training = startTraining(settings);
  for (let i = 0; i <= repeats; i++) training.step();
  return [...products, ...fastest(runs, stepName)];
}

/** The kernels of the fastest run of that name: others were disturbed by something. */
function fastest(runs: readonly RunProfile[], where: string): readonly KernelTime[] {
  const own = runs.filter((run) => run.where === where);
  const best = own.reduce((a, b) => (b.end - b.begin < a.end - a.begin ? b : a));
  return profileRows([best], "kernel").map(({ kernel, ...row }) => ({
    what: `${kernel} in a training step`,
    calls: row.calls,
    milliseconds: row.milliseconds,
    flops: row.flops,
    bytes: row.bytes,
  }));
}
