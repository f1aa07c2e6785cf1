/** Faults that take the meaning out of a model, planted where verdicts have to notice them. */
import { beforeAll, describe, expect, it } from "vitest";
import { copyBatch } from "../../experiments/copy/sequences.ts";
import { evaluateCopy, type Fault } from "../../experiments/copy/evaluate.ts";
import { cellName, copyReport } from "../../experiments/copy/report.ts";
import { modelOf, settingsOf, type CopySettings } from "../../experiments/copy/settings.ts";
import { evaluationKeys, learnerOf, trainCopy } from "../../experiments/copy/train.ts";
import type { Numbers } from "../../experiments/frame/experiment.ts";
import type { Measured } from "../../experiments/language/cells.ts";
import { largestDrift } from "../../experiments/reversible/drift.ts";
import * as reversible from "../../experiments/reversible/settings.ts";
import { judgeReversible } from "../../experiments/reversible/verdict.ts";
import { full, hashed, roundCounts } from "../../experiments/rounds/settings.ts";
import { judgeRounds } from "../../experiments/rounds/verdict.ts";
import { judgeSharedQk } from "../../experiments/shared-qk/verdict.ts";
import type { Value } from "../../src/core/value.ts";
import { init } from "../../src/init.ts";
import { key, randint } from "../../src/random/index.ts";
import { initParams, loss, reformerConfig, type ReformerParams } from "../../src/reformer/index.ts";
import { jit } from "../../src/transforms/index.ts";

// Large enough to be learnt, small enough for a test.
const settings: CopySettings = {
  ...settingsOf.smallest[0],
  symbols: 8,
  width: 32,
  rate: 1e-2,
  warmup: 20,
  mostSteps: 600,
  lookEvery: 25,
  solved: 0.995,
  evaluated: 128,
};

let params: ReformerParams;
beforeAll(async () => {
  await init("wasm", { threads: 1 });
  const trained = await trainCopy(settings, learnerOf(modelOf(settings, 4)), 0, () => undefined);
  expect(trained.accuracy).toBeGreaterThan(0.9);
  ({ params } = trained);
});

describe("the copy task", () => {
  const evaluate = (fault?: Fault): Promise<Numbers> => evaluateCopy(settings, params, fault);
  /** The verdict on the trained model, put into all rows. */
  const outcome = (ofFull: Numbers, ofHashed: Numbers): string => {
    const rows = ([4, 2, 1] as const).map((rounds) => [cellName(settings, rounds, 0), ofHashed]);
    const first = [cellName(settings, "full", 0), { ...ofFull, "LSH-1": 0.2 }];
    const results = Object.fromEntries([first, ...rows]) as Record<string, Numbers>;
    return copyReport([settings], 1, results).verdict.outcome;
  };

  it("is not held to be solved with random buckets", async () => {
    const [right, wrong] = [await evaluate(), await evaluate("random buckets")];
    expect(outcome(right, right)).toBe("holds");
    expect(outcome(right, wrong)).toBe("holds in part");
    expect(outcome(wrong, wrong)).not.toBe("holds");
  });

  it("is not held to be solved by full attention without the mask of a token's own key", async () => {
    const right = await evaluate();
    const unmasked = { ...right, full: right["no self mask"] };
    expect(outcome(unmasked, right)).toBe("does not hold at this size");
    const text: Measured = (_, name) => (name === "bits" ? [3, 3.1] : []);
    const shared = (accuracy: number | null): string =>
      judgeSharedQk(text, (_, name) => (name === "accuracy" ? [accuracy ?? 0] : [])).outcome;
    expect(shared(right.full)).toBe("holds");
    expect(shared(right["no self mask"])).toBe("holds in part");
  });
});

it("random buckets flip the verdict on rounds", async () => {
  /** Bits per symbol of the trained model with other attention, for three draws of rotations. */
  const bits = async (rounds: 1 | 2 | 4 | 8 | "full", fault: boolean): Promise<number[]> => {
    const model = modelOf(settings, rounds);
    const ablation = fault ? "lsh-buckets" : undefined;
    const options = { mode: "evaluation", ablation } as const;
    const of = jit(
      (given: ReformerParams, tokens: Value, targets: Value, random: Value) =>
        loss(model, given, tokens, targets, random, options).loss,
    );
    const found: number[] = [];
    for (const draw of [0, 1, 2]) {
      const { tokens, targets } = copyBatch(settings, 128, evaluationKeys, 0);
      const [nats] = await of(params, tokens, targets, key(draw)).data();
      found.push(nats / Math.LN2);
    }
    return found;
  };
  const table = new Map<string, readonly number[]>([[full.name, await bits("full", false)]]);
  for (const [i, rounds] of roundCounts.entries()) {
    table.set(hashed[i].name, await bits(rounds, false));
    table.set(`${hashed[i].name}, shuffled`, await bits(rounds, true));
  }
  const outcome = (fault: boolean): string =>
    judgeRounds(({ name }, what) => {
      const shuffled = name !== full.name && (fault || what === "shuffled");
      return table.get(shuffled ? `${name}, shuffled` : name) ?? [];
    }).outcome;
  expect(outcome(false), JSON.stringify([...table])).toBe("holds");
  expect(outcome(true)).not.toBe("holds");
});

it("streams that drift flip the verdict on reversible layers", () => {
  const sizes = { vocabulary: 16, width: 32, heads: 2, feedForwardWidth: 32 };
  const { model } = reversible.reversibleOne;
  const outcome = (kind: "exact" | "float"): string => {
    const config = reformerConfig({ ...model, ...sizes, reversible: kind });
    const drifts = [0, 1].map((seed) =>
      largestDrift(config, initParams(config, key(seed)), randint(key(2), [2, 32], 0, 16), key(3)),
    );
    const measured: Measured = (variant, name) =>
      ({
        bits: [3, 3.1],
        parameters: [100, 100],
        peak: variant === reversible.ordinary ? [100, 100] : [50, 50],
        drift: variant === reversible.ordinary ? [] : drifts,
      })[name] ?? [];
    return judgeReversible(measured).outcome;
  };
  expect(outcome("exact")).toBe("holds");
  expect(outcome("float")).toBe("holds in part");
});
