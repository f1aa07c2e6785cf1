/** A training step as a whole: what it takes, on the host and until it is done, what it needs, whether its loss is the CPU's. */
import { init, type Backend } from "../../src/index.ts";
import type { WebGpuBackend } from "../../src/backends/webgpu/index.ts";
import { trainConfig, type TrainConfig } from "../../src/training/index.ts";
import { openBackend } from "./open.ts";
import { median, rounded, runSuite, type Suite } from "./suite.ts";
import { whereTimeGoes } from "./step/where-time-goes.ts";
import { enwik8Config, lossOf, startRun } from "./training.ts";

const steps = 5;

/** Of the losses: buckets of the hash may fall otherwise where two are nearly the same. */
const closeEnough = 1e-3;

interface Measured {
  readonly losses: readonly number[];
  readonly firstSeconds: number;
  readonly encodeMilliseconds: number;
  readonly milliseconds: number;
}

/** The first step compiles; then the median of what there is time for. */
async function measure(suite: Suite, key: string, config: TrainConfig, backend: WebGpuBackend) {
  const begin = performance.now();
  const run = startRun(config, backend);
  const first = run.step();
  const compiled = performance.now() - begin;
  const losses = [await lossOf(first)];
  const firstSeconds = (performance.now() - begin) / 1000;
  const known = {
    tokens: config.training.batch * config.training.length,
    parameters: run.parameters,
    peakMiB: rounded(run.peakBytes() / 2 ** 20, 6),
    compileSeconds: rounded(compiled / 1000),
    firstSeconds: rounded(firstSeconds),
  };
  suite.record(key, { ...known, losses });
  const [encode, all]: [number[], number[]] = [[], []];
  for (let i = 0; i < steps && suite.secondsLeft() > 5 + (all.at(-1) ?? 0) / 500; i++) {
    await backend.synchronize();
    const start = performance.now();
    const metrics = run.step();
    encode.push(performance.now() - start);
    losses.push(await lossOf(metrics));
    all.push(performance.now() - start);
  }
  const measured: Measured = {
    losses,
    firstSeconds,
    encodeMilliseconds: all.length > 0 ? median(encode) : NaN,
    milliseconds: all.length > 0 ? median(all) : NaN,
  };
  suite.record(key, {
    ...known,
    losses,
    measuredSteps: all.length,
    encodeMilliseconds: rounded(measured.encodeMilliseconds),
    milliseconds: rounded(measured.milliseconds),
    slowestMilliseconds: rounded(Math.max(...all)),
    tokensPerSecond: rounded((1000 * known.tokens) / measured.milliseconds),
    memory: backend.memory,
  });
  suite.log(
    `${key}: ${rounded(measured.milliseconds)} ms, losses ${losses.map((x) => rounded(x, 6)).join(" ")}`,
  );
  return measured;
}

/** Kernels are compiled again, on a backend of its own: only where there is time for that. */
async function profile(suite: Suite, key: string, config: TrainConfig, firstSeconds: number) {
  if (suite.secondsLeft() < 10 + 2 * firstSeconds) {
    suite.record(`${key}Profile`, "there was no time for it");
    return;
  }
  suite.record(`${key}Profile`, await whereTimeGoes(config));
}

/** The losses of the same steps on the CPU. */
async function onCpu(config: TrainConfig, count: number): Promise<readonly number[]> {
  const cpu: Backend = await init("wasm", { threads: 1 });
  const run = startRun(config, cpu);
  const losses: number[] = [];
  for (let i = 0; i < count; i++) losses.push(await lossOf(run.step()));
  await cpu.dispose();
  return losses;
}

const smallConfig = (suite: Suite): TrainConfig =>
  suite.pick({
    full: trainConfig({ preset: "bytes-small" }),
    small: trainConfig({
      preset: "bytes-small",
      model: {
        width: 32,
        heads: 1,
        headWidth: 8,
        feedForwardWidth: 32,
        layers: ["local"],
        positions: { kind: "axial", shape: [16, 64], widths: [16, 16] },
      },
      training: { batch: 1, length: 64 },
    }),
  });

await runSuite({ name: "step", seconds: 140 }, async (suite) => {
  const small = smallConfig(suite);
  const backend = await openBackend();
  const { losses, firstSeconds } = await measure(suite, "small", small, backend);
  await backend.dispose();
  const expected = await onCpu(small, losses.length);
  const apart = losses.map((loss, i) => Math.abs(loss - expected[i]) / Math.abs(expected[i]));
  suite.record("againstCpu", { losses: expected, relative: apart });
  // Later steps go on from parameters that differ already.
  if (!(apart[0] <= closeEnough)) suite.fail(`the loss is ${losses[0]}, on the CPU ${expected[0]}`);
  const parts = [`small: loss ${rounded(apart[0], 2)} from the CPU's`];
  // A driver for CPUs would compile for minutes.
  if (suite.scale === "full") {
    const large = await openBackend();
    const config = enwik8Config(65_536, 12);
    const measured = await measure(suite, "enwik8", config, large);
    parts.push(`enwik8: ${rounded(measured.milliseconds)} ms a step`);
    await large.dispose();
    await profile(suite, "enwik8", config, measured.firstSeconds);
  } else {
    await profile(suite, "small", small, firstSeconds);
  }
  return parts.join("; ");
});
