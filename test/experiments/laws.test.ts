/** Laws behind the claims that hold at any size. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { settingsOf as depthSettings, variantsOf } from "../../experiments/depth/settings.ts";
import { languageConfig } from "../../experiments/language/settings.ts";
import { planLanguage } from "../../experiments/language/train.ts";
import { liveBytes } from "../../experiments/memory/live-bytes.ts";
import { planStep, stepOf } from "../../experiments/memory/plan-step.ts";
import { settingsOf, type Case, type Kind } from "../../experiments/memory/settings.ts";
import { walkPlan } from "../../experiments/memory/walk-plan.ts";
import { wasmTarget } from "../../src/backends/wasm/target.ts";
import { init } from "../../src/init.ts";
import { array } from "../../src/numpy/index.ts";
import { planProgram } from "../../src/plan/index.ts";
import { key, randint } from "../../src/random/index.ts";
import { initParams, logits, reformerConfig } from "../../src/reformer/index.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const settings = settingsOf.smallest;
const at = (kind: Kind, depth: number, length = 128): Case => ({ kind, length, depth, rounds: 1 });

describe("memory", () => {
  const working = (what: Case): number => {
    const { peak, parameters } = planStep(settings, what);
    return peak - parameters;
  };

  it("of a Reformer is flat in depth, but for parameters and their gradients", () => {
    const [three, nine] = [3, 9].map((depth) => working(at("Reformer, chunks", depth)));
    expect(nine / three).toBeLessThan(1.15);
  });

  it("of a training step with Adam grows with depth by 16 bytes for each parameter", () => {
    const { common, depths } = depthSettings.default;
    const variants = variantsOf({ common, depths: [depths[0], depths[2]] });
    // Without clipping, the norm and the second moments share squares of the gradient, which are kept between them.
    for (const [clip, most] of [
      [1, 17],
      [null, 19],
    ] as const) {
      const [shallow, deep] = variants.map((one) => {
        const config = languageConfig(common, one, 0);
        return planLanguage({ ...config, training: { ...config.training, clip } });
      });
      const more = (name: string): number => Number(deep[name]) - Number(shallow[name]);
      expect(more("peak") / more("parameters")).toBeGreaterThan(15);
      expect(more("peak") / more("parameters")).toBeLessThan(most);
    }
  });

  it("of what is stored grows with depth", () => {
    const [three, nine] = [3, 9].map((depth) => working(at("LSH, stored", depth)));
    expect(nine / three).toBeGreaterThan(2);
  });

  it("in use within a step is never above the planned peak, and comes near it", () => {
    for (const kind of ["Transformer, L x L", "LSH, stored", "Reformer, chunks"] as const) {
      const { program, report } = stepOf(settings, at(kind, 3)).lower();
      const plan = planProgram(
        program,
        wasmTarget({ allowReference: false, threads: 1, parts: 1 }),
      );
      const live = liveBytes(plan, 20);
      const most = Math.max(...live);
      expect(live).toHaveLength(20);
      expect(most).toBeLessThanOrEqual(Math.ceil(report.peakBytes / 64) * 64);
      expect(most).toBeGreaterThan(0.6 * report.peakBytes);
      const work = [...walkPlan(plan)].reduce((sum, touch) => sum + touch.work, 0);
      expect(work).toBeGreaterThanOrEqual(report.flops);
    }
  });

  it("in use rises to the end of the way up where activations are stored, and stays low where they are not", () => {
    const shape = (kind: Kind): readonly number[] => {
      const { program } = stepOf(settings, at(kind, 6)).lower();
      return liveBytes(
        planProgram(program, wasmTarget({ allowReference: false, threads: 1, parts: 1 })),
        10,
      );
    };
    const [stored, rebuilt] = [shape("LSH, stored"), shape("Reformer, chunks")];
    expect(stored[2]).toBeGreaterThan(1.5 * stored[0]);
    expect(stored[9]).toBeLessThan(0.8 * Math.max(...stored));
    expect(rebuilt[2]).toBeLessThan(0.7 * stored[2]);
  });
});

it("hashing whose rounds together let every token see every other one is full attention", () => {
  const length = 16;
  const sizes = {
    vocabulary: 11,
    width: 16,
    heads: 2,
    headWidth: 8,
    positions: { kind: "learned", length },
  } as const;
  // The buckets of a round are the parity of some bits of a position: two positions share one in every second round.
  const masks = Array.from({ length: length - 1 }, (_, i) => i + 1);
  const parity = (bits: number): number => (bits === 0 ? 0 : (bits & 1) ^ parity(bits >> 1));
  const rounds = masks.map((mask) => Array.from({ length }, (_, i) => parity(i & mask)));
  const hashing = reformerConfig({
    ...sizes,
    layers: ["lsh", "lsh"],
    lsh: { chunk: length / 2, before: 1, after: 0, rounds: masks.length, buckets: 2 },
  });
  const whole = reformerConfig({ ...sizes, layers: ["full", "full"] });
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const params = initParams(whole, key(seed));
      const tokens = randint(key(seed + 1), [1, length], 0, 11);
      const apart = (shared: readonly (readonly number[])[]): number => {
        const layer = array([[shared, shared]] as number[][][][], "i32");
        const found = logits(hashing, params, tokens, key(0), {
          buckets: [layer, layer],
        }).dataSync();
        const expected = logits(whole, params, tokens, key(0)).dataSync();
        return Math.max(...found.map((x, i) => Math.abs(x - expected[i])));
      };
      expect(apart(rounds)).toBeLessThan(1e-3);
      // Where all rounds are the same one, half of the tokens are never seen.
      expect(apart(rounds.map(() => rounds[0]))).toBeGreaterThan(1e-3);
    }),
    { numRuns: 5 },
  );
});
