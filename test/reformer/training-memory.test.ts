/** What a training step of a model needs, from its plan: docs/design/reversible.md has the formula. */
import { describe, expect, it } from "vitest";
import { avalOf, type Aval } from "../../src/core/aval.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { tree, type Value } from "../../src/index.ts";
import { stage } from "../../src/ir/builder.ts";
import { attentionBackwardWorkspaceWords } from "../../src/backends/wasm/calls/attention-workspace.ts";
import { planProgram, type ExecutionPlan } from "../../src/plan/index.ts";
import { initParams } from "../../src/reformer/models/parameters.ts";
import {
  modelConfig,
  oneThread,
  repeated,
  trainStepOf,
  target,
  zeroBackend,
} from "../support/model-plans.ts";

interface Sizes {
  readonly length: number;
  readonly width: number;
  readonly layers: number;
  readonly rounds: number;
  readonly kinds: readonly string[];
  readonly conventions: string;
}

const usual: Sizes = {
  length: 4096,
  width: 128,
  layers: 2,
  rounds: 1,
  kinds: ["local", "lsh"],
  conventions: "paper",
};
const chunk = 64;
const heads = 2;
const headWidth = 64;
const vocabulary = 256;
const feedForwardWidth = 512;

interface Planned {
  readonly plan: ExecutionPlan;
  /** Peak without what comes in (parameters, the optimiser's state, tokens) and the gradient. */
  readonly activations: number;
}

function planned(options: Partial<Sizes>): Planned {
  const { layers, kinds, ...sizes } = { ...usual, ...options };
  const { length, width, rounds, conventions } = sizes;
  const config = modelConfig(
    {
      conventions,
      vocabulary,
      width,
      feedForwardWidth,
      layers: repeated(layers, ...kinds),
      lsh: { chunk, rounds, buckets: "auto" },
      positions: { kind: "axial", shape: [length / chunk, chunk], widths: [64, width - 64] },
      feedForwardChunk: 256,
      lossChunk: 256,
    },
    { length, optimizer: { kind: "sgd", momentum: 0 } },
  );
  const { program } = trainStepOf(config, zeroBackend);
  const plan = planProgram(program, target);
  const bytes = (avals: readonly Aval[]): number =>
    avals.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  const given = bytes(program.inputs.map(({ aval }) => aval));
  const draw = (key: Value): readonly Value[] => tree.leaves<Value>(initParams(config.model, key));
  const parameters = stage((key) => draw(key), [avalOf("u32", [2])]).program.outputs;
  const gradient = bytes(parameters.map(({ aval }) => aval));
  return { plan, activations: plan.main.frameBytes - given - gradient };
}

/** Bytes of activations by the formula of docs/design/reversible.md. */
function formula(options: Partial<Sizes>): number {
  const { length, width, rounds } = { ...usual, ...options };
  const streams = 4 * length * width;
  const head = 6 * length * headWidth;
  const perToken = (3 * rounds + 2) * length;
  const workspace = attentionBackwardWorkspaceWords(
    { chunkLength: chunk, before: 1, after: 0, circular: false },
    { groups: 1, length, rounds, width: headWidth, valueWidth: headWidth },
    oneThread.parts,
  );
  return 4 * (streams + head + perToken + workspace);
}

describe("the planned memory of a training step", () => {
  it.each([
    { length: 4096, width: 128 },
    { length: 4096, width: 256 },
    { length: 16384, width: 128 },
    { length: 16384, width: 256 },
    { length: 16384, width: 256, rounds: 4 },
    { length: 16384, width: 256, kinds: ["lsh"] },
    { length: 16384, width: 256, conventions: "trax" },
    { length: 16384, width: 256, conventions: "lucidrains" },
  ])("is four streams and what one head needs: %j", (options) => {
    const { activations } = planned(options);
    const expected = formula(options);
    console.log(`${JSON.stringify(options)}: ${activations} bytes, by the formula ${expected}`);
    expect(activations).toBeLessThan(1.02 * expected);
    expect(activations).toBeGreaterThan(0.97 * expected);
  });

  it("is the same for 3, 6, 12 and 24 layers", () => {
    const activations = [3, 6, 12, 24].map((layers) => {
      // Rotations of all layers are drawn at the beginning: half as many columns as buckets for each head.
      const half = (2 * usual.length) / chunk / 2;
      const rotations = 4 * heads * headWidth * half;
      return planned({ layers }).activations - Math.floor(layers / 2) * rotations;
    });
    console.log(`activation bytes of 3, 6, 12 and 24 layers: ${activations.join(", ")}`);
    for (const bytes of activations) expect(Math.abs(bytes - activations[0])).toBeLessThan(4096);
  });

  it("grows with the hash rounds by their permutations and buckets alone", () => {
    const perToken = [1, 2, 4, 8].map(
      (rounds) => planned({ rounds, length: 16384 }).activations / 16384,
    );
    console.log(`activation bytes per token at 1, 2, 4 and 8 rounds: ${perToken.join(", ")}`);
    // Order, inverse and bucket; a value per round of 64 features would be 256 bytes.
    const perRound = (perToken[3] - perToken[0]) / 7;
    expect(perRound).toBeGreaterThan(11);
    expect(perRound).toBeLessThan(24);
  });

  it("has no array of the length times anything wider than a stream", () => {
    const wide = Math.min(vocabulary, feedForwardWidth, 4 * headWidth, 4 * chunk);
    for (const kinds of [["local", "lsh"], ["lsh"], ["local"]]) {
      for (const length of [1024, 4096]) {
        const { plan } = planned({ length, rounds: 4, kinds });
        const parameters = Math.max(...plan.inputs.map(({ bytes }) => bytes / 4));
        const limit = 4 * Math.max(parameters, length * usual.width);
        expect(usual.width).toBeLessThan(wide);
        for (const { name, steps } of plan.functions) {
          for (const { info } of steps) {
            // `space+offset:bytes` of each result.
            for (const [, bytes] of (info?.results ?? "").matchAll(/:(\d+)/g)) {
              expect(Number(bytes), `${name}: ${info?.name}`).toBeLessThanOrEqual(limit);
            }
          }
        }
      }
    }
  });
});
