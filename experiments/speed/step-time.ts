import { tensorFrom } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";
import { sum } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import { initParams, logits, loss, type ReformerParams } from "../../src/reformer/index.ts";
import { runKeys } from "../../src/training/index.ts";
import { jit, valueAndGrad } from "../../src/transforms/index.ts";
import { synchronize } from "../../src/backend-lifetime.ts";
import { processorClock } from "../frame/processor-time.ts";
import { modelOf, type Attention, type Pass, type SpeedSettings } from "./settings.ts";

export interface StepTime {
  /** Processor time of the quickest step, all threads together. */
  readonly seconds: number;
  /** Wall time of the quickest step. */
  readonly wallSeconds: number;
  /** Planned bytes at the peak, parameters and gradients included. */
  readonly peak: number;
  /** Planned operations. */
  readonly flops: number;
}

/** What a step on random tokens takes, which does not depend on what a model has learnt. */
export async function timeStep(
  settings: SpeedSettings,
  attention: Attention,
  pass: Pass,
  length: number,
): Promise<StepTime> {
  const { tokens: count, vocabulary, repeats } = settings;
  const model = modelOf(settings, attention);
  const params = initParams(model, key(0));
  const batch = count / length;
  const words = runKeys(0).words(length, count);
  const tokens = tensorFrom(
    "i32",
    [batch, length],
    Int32Array.from(words, (w) => w % vocabulary),
  );
  const lossOf = (given: ReformerParams, random: Value): Value =>
    loss(model, given, tokens, tokens, random, { mode: "training" }).loss;
  const step = jit(
    (given: ReformerParams, inputs: Value, random: Value) =>
      pass === "training"
        ? valueAndGrad((p: ReformerParams) => lossOf(p, random))(given)
        : sum(logits(model, given, inputs, random)),
    { name: pass },
  );
  const { peakBytes, flops } = step.lower(params, tokens, key(0)).report;
  const times: { seconds: number; wallSeconds: number }[] = [];
  for (let i = 0; i <= repeats; i++) {
    const used = processorClock();
    const began = performance.now();
    step(params, tokens, key(i));
    await synchronize();
    times.push({ seconds: used(), wallSeconds: (performance.now() - began) / 1000 });
  }
  const measured = times.slice(1);
  return {
    seconds: Math.min(...measured.map(({ seconds }) => seconds)),
    wallSeconds: Math.min(...measured.map(({ wallSeconds }) => wallSeconds)),
    peak: peakBytes,
    flops,
  };
}
