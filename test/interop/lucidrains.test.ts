import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { beforeAll, describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { init } from "../../src/init.ts";
import { fromLucidrains, fromLucidrainsOrThrow } from "../../src/interop/index.ts";
import { key } from "../../src/random/index.ts";
import { logits } from "../../src/reformer/index.ts";
import { outputLogits } from "../../src/reformer/outputs/next-token.ts";
import { inputsOf, runModel } from "../../src/verify/lucidrains/model.ts";
import { optionsOf } from "../../src/verify/lucidrains/options.ts";
import { readCaseOrThrow } from "../../src/verify/node/index.ts";
import { parameterHash } from "../../src/training/index.ts";
import { tensorOf, tensorNamed } from "../../src/verify/runner-support.ts";
import { sharedFiles } from "../support/shared-files.ts";
import { smallOptions, smallWeights } from "./small-lucidrains.ts";

beforeAll(async () => {
  await init();
});

const shared = sharedFiles("fixtures/lucidrains");

function largestDifference(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [Array.from(a.dataSync()), b.dataSync()];
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0);
}

describe.runIf(shared !== undefined)("published numbers", () => {
  const load = (name: string) => readCaseOrThrow(join(shared ?? "", name), name);

  test("the logits of full attention, which needs no rotations", () => {
    const golden = load("lm_full_attn_absolute");
    const { config, params } = fromLucidrainsOrThrow(optionsOf(golden).given, golden.weights);
    const found = logits(config, params, tensorNamed(golden, "input.input_ids"), key(0));
    const expected = tensorNamed(golden, "expected64.logits");
    expect(largestDifference(tensorOf(found), expected)).toBeLessThan(1e-4);
  });

  test.each(["lm_rotary", "lm_axial_tied_glu"])("the logits of %s, with its rotations", (name) => {
    const golden = load(name);
    const { config, params } = fromLucidrainsOrThrow(optionsOf(golden).given, golden.weights);
    const { tokens, context } = inputsOf(golden, config);
    const { streams } = runModel(golden, config, params, tokens, context);
    const found = tensorOf(outputLogits(config, params, streams));
    expect(largestDifference(found, tensorNamed(golden, "expected64.logits"))).toBeLessThan(1e-4);
  });
});

const { trained: weights, others } = smallWeights();
const hashOf = (given: ReadonlyMap<string, Tensor>, more: object = {}): string =>
  parameterHash(fromLucidrainsOrThrow({ ...smallOptions, ...more }, given).params);
const renamed = (change: (name: string) => string): ReadonlyMap<string, Tensor> =>
  new Map([...weights].map(([name, tensor]) => [change(name), tensor]));

describe("names of weights", () => {
  test.each([
    ["a wrapper", (name: string) => `net.${name}`],
    ["tables as ParameterLists name them", (name: string) => name.replace("weights.", "weights_")],
    [
      "layers under their other name",
      (name: string) => name.replace(/\.blocks\.(\d\.[fg])\.net\./, ".irrev_blocks.$1."),
    ],
  ])("%s", (_, change) => {
    const changed = renamed(change);
    expect([...changed.keys()]).not.toEqual([...weights.keys()]);
    expect(hashOf(changed)).toBe(hashOf(weights));
  });

  test("copies of layers may be there", () => {
    expect(hashOf(new Map([...others, ...weights]))).toBe(hashOf(weights));
  });
});

describe("what is refused", () => {
  const placesOf = (more: object, given = weights): readonly string[] => {
    const read = fromLucidrains({ ...smallOptions, ...more }, given);
    return E.isLeft(read) ? read.left.map(({ where }) => where) : [];
  };

  test("options without a counterpart, all at once", () => {
    const more = { emb_dim: 4, pkm_layers: [1], ff_activation: "ReLU", heads: 0, head_dim: 4 };
    expect(placesOf(more)).toEqual(["options: heads", "options: head_dim"]);
    const { heads: _, head_dim: __, ...foreign } = more;
    expect(placesOf(foreign)).toEqual(
      ["ff_activation", "emb_dim", "pkm_layers"].map((name) => `options: ${name}`),
    );
    expect(placesOf({ emb_dim: 8, pkm_layers: [], pkm_num_keys: 128 })).toEqual([]);
  });

  test("a threshold of full attention beside rotary positions", () => {
    const turning = { axial_position_emb: false, full_attn_thres: 16 };
    expect(placesOf(turning)).toEqual(["options: full_attn_thres"]);
    const read = fromLucidrainsOrThrow({ ...smallOptions, full_attn_thres: 16 }, weights);
    expect(read.config.lsh.wholeUpTo).toBe(16);
  });

  test("sizes that do not fit together", () => {
    expect(placesOf({ n_local_attn_heads: 2 })).not.toEqual([]);
  });

  test("weights that are missing, of another shape, not finite, or strangers", () => {
    const given = new Map([
      ...[...weights].filter(([name]) => name !== "norm.bias"),
      ["norm.weight", tensorFrom("f32", [1], new Float32Array(1))] as const,
      ["out.1.bias", tensorFrom("f32", [5], new Float32Array(5).fill(NaN))] as const,
      ["pos_emb.x", tensorFrom("f32", [1], new Float32Array(1))] as const,
    ]);
    expect(placesOf({}, given)).toEqual([
      "tensor norm.weight",
      "tensor norm.bias",
      "tensor out.1.bias",
      "tensor pos_emb.x",
    ]);
  });
});
