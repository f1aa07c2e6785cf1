import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/edge/json.ts";
import { planProgram } from "../../src/plan/index.ts";
import { modelConfig, repeated, trainStepOf, target, zeroBackend } from "../support/model-plans.ts";

const momentum = { kind: "sgd", momentum: 0.9 };
const square = (side: number): JsonObject => ({
  positions: { kind: "axial", shape: [side, side], widths: [64, 64] },
});

/** Of several optimisers, lengths, depths, conventions. */
const configurations = {
  "2 layers, 512": modelConfig(),
  "SGD, momentum": modelConfig({}, { optimizer: momentum }),
  "SGD, no clipping": modelConfig({}, { optimizer: { kind: "sgd", momentum: 0 }, clip: null }),
  "AdamW, 2 windows": modelConfig(
    {},
    { optimizer: { kind: "adamw", weightDecay: 0.01 }, batch: 2 },
  ),
  "float streams": modelConfig({ reversible: "float" }),
  "trax, GELU, dropout": modelConfig({
    conventions: "trax",
    activation: "gelu",
    dropout: 0.1,
    attentionDropout: 0.1,
  }),
  "rows unchunked, 1,000": modelConfig(
    { feedForwardChunk: null, lossChunk: null, layers: repeated(4, "local", "lsh") },
    { length: 1000 },
  ),
  "wide, 128": modelConfig(
    {
      width: 512,
      heads: 8,
      feedForwardWidth: 2048,
      positions: { kind: "axial", shape: [16, 64], widths: [256, 256] },
    },
    { length: 128 },
  ),
  "4 layers, 4,096": modelConfig(
    { layers: repeated(4, "local", "lsh"), ...square(64) },
    { length: 4096 },
  ),
  "6 layers, 4 rounds, 16,384": modelConfig(
    {
      layers: repeated(6, "local", "lsh"),
      lsh: { chunk: 64, rounds: 4, buckets: "auto" },
      ...square(128),
    },
    { length: 16384 },
  ),
};

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2).padStart(8);

describe("the planned memory of a training step", () => {
  it("is at most 5 % above the largest sum of live bytes", () => {
    const rows = Object.entries(configurations).map(([name, config]) => {
      const { main } = planProgram(trainStepOf(config, zeroBackend).program, target);
      return { name, peak: main.frameBytes, live: main.liveBytes };
    });
    console.log("planned peak and largest sum of live bytes, MiB:");
    for (const { name, peak, live } of rows) {
      console.log(`${name.padEnd(28)}${mebibytes(peak)}${mebibytes(live)}`);
    }
    for (const { name, peak, live } of rows) {
      expect(peak, name).toBeGreaterThanOrEqual(live);
      expect(peak, name).toBeLessThanOrEqual(1.05 * live);
    }
  });
});
