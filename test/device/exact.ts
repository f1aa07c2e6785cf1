/** What exact reversibility rests on: what the device computes again, otherwise cut or beside other work, has the same bits. */
import type { Backend } from "../../src/index.ts";
import type { WebGpuOptions } from "../../src/backends/webgpu/index.ts";
import { toHost } from "../../src/index.ts";
import {
  trainConfig,
  type TrainConfig,
  type TrainConfigChoices,
} from "../../src/training/index.ts";
import { contributionProblems, stackProblems, stacks } from "../backends/webgpu/exact-cases.ts";
import { differences } from "../reformer/stack-gradients.ts";
import { openBackend } from "./open.ts";
import { rounded, runSuite, type Suite } from "./suite.ts";
import { startRun } from "./training.ts";

type Check = () => Promise<readonly string[]>;

/** Updates inside of the reverse sweep, which tells the hash of the streams that it rebuilt. */
const sweeping = (length: number, model: Model): TrainConfig =>
  trainConfig({
    preset: "bytes-small",
    model,
    training: { batch: 1, length, update: "inSweep", clip: null },
  });

type Model = TrainConfigChoices["model"];

/** As few kernels as there can be, for drivers that compile slowly. */
const tiny: Model = { width: 32, heads: 1, headWidth: 8, feedForwardWidth: 32, layers: ["local"] };

/** What a few steps leave behind: parameters, optimiser state, and what the last one said. */
async function trained(
  config: TrainConfig,
  steps: number,
  options: WebGpuOptions,
): Promise<{ readonly state: unknown; readonly problems: readonly string[] }> {
  const backend = await openBackend(options);
  const run = startRun(config, backend);
  const problems: string[] = [];
  for (let i = 0; i < steps; i++) {
    const { bottom } = await toHost(run.step());
    if (!bottom) throw new Error("the step tells no hash of the streams at the bottom");
    const [forward, rebuilt] = [String(bottom.forward), String(bottom.rebuilt)];
    if (forward !== rebuilt) problems.push(`step ${i}: ${forward} became ${rebuilt}`);
  }
  const state = await run.state();
  await backend.dispose();
  return { state, problems };
}

function checksOf(suite: Suite, gpu: Backend): Readonly<Record<string, Check>> {
  const config = suite.pick({
    full: sweeping(1024, { activation: "gelu", dropout: 0.1 }),
    small: sweeping(64, {
      ...tiny,
      positions: { kind: "axial", shape: [16, 64], widths: [16, 16] },
    }),
  });
  const steps = suite.pick({ full: 5, small: 1 });
  const windows = { windowBytes: suite.pick({ full: 2 ** 22, small: 2 ** 18 }) };
  /** Every kernel call by itself, heads one after another. */
  const apart = { merges: false, spareBytes: 0 };
  const plain = (): ReturnType<typeof trained> => trained(config, steps, {});
  const first = lazily(plain);
  const ofStacks = Object.entries(stacks).map(([name, choices]): readonly [string, Check] => [
    name,
    () => stackProblems(gpu, choices),
  ]);
  return {
    "contributions: fused, unfused, again": () =>
      contributionProblems(openBackend, suite.pick({ full: 2 ** 20, small: 2 ** 12 })),
    ...Object.fromEntries(suite.pick({ full: ofStacks, small: [] })),
    "training: the streams at the bottom are rebuilt": async () => (await first()).problems,
    "training: the same run again": async () =>
      differences((await plain()).state, (await first()).state),
    "training: every kernel call by itself": async () =>
      differences((await trained(config, steps, apart)).state, (await first()).state),
    "training: many windows of memory": async () =>
      differences((await trained(config, steps, windows)).state, (await first()).state),
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

await runSuite({ name: "exact", seconds: 55 }, async (suite) => {
  const gpu = await openBackend();
  const checks = Object.entries(checksOf(suite, gpu));
  const rows: Record<string, unknown> = {};
  let done = 0;
  for (const [name, check] of checks) {
    if (suite.secondsLeft() < suite.pick({ full: 5, small: 25 })) break;
    const begin = performance.now();
    const problems = await check();
    for (const problem of problems.slice(0, 10)) suite.fail(`${name}: ${problem}`);
    rows[name] = { problems, seconds: rounded((performance.now() - begin) / 1000) };
    done++;
    suite.record("checks", rows);
    suite.log(`${name}: ${problems.length === 0 ? "same bits" : `${problems.length} differ`}`);
  }
  const line = `${done} of ${checks.length} checks`;
  // A driver for CPUs may be too slow; a GPU must not be.
  if (done < checks.length && suite.scale === "full") suite.fail(`there was time for ${line} only`);
  await gpu.dispose();
  return line;
});
