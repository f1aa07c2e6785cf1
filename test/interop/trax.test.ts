import * as E from "fp-ts/lib/Either.js";
import { beforeAll, describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";
import type { JsonObject } from "../../src/edge/json.ts";
import { init } from "../../src/init.ts";
import { fromTrax, fromTraxOrThrow } from "../../src/interop/index.ts";
import { array, transpose } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import type { ReformerConfig, ReformerParams } from "../../src/reformer/index.ts";
import { stackContext } from "../../src/reformer/models/context.ts";
import { runLayers } from "../../src/reformer/models/run-stack.ts";
import { embedTokens } from "../../src/reformer/models/token-vectors.ts";
import { outputLogits } from "../../src/reformer/outputs/next-token.ts";
import { parameterHash } from "../../src/training/index.ts";
import { arraysBeside, pickledArrays, traxArrays, traxCase, type TraxCase } from "./trax-cases.ts";

beforeAll(async () => {
  await init();
});

/** Logits with the case's rotations, of the text as trax shifts it: a 0 before it. */
function logitsOf({ tokens, rotations }: TraxCase, config: ReformerConfig, params: ReformerParams) {
  const shifted = array(
    tokens.map((row) => [0, ...row.slice(0, -1)]),
    "i32",
  );
  const [batch, length] = shifted.shape;
  const drawn = stackContext(config, key(0), { mode: "evaluation", batch, length, valid: null });
  const given = [...rotations];
  const layers = drawn.layers.map((context, layer) => {
    if (config.layers[layer] !== "lsh") return context;
    const own = transpose(array(given.shift() ?? []), [1, 0, 2, 3, 4]);
    expect(own.shape).toEqual(context.f.rotations?.shape);
    return { ...context, f: { ...context.f, rotations: own } };
  });
  expect(given).toEqual([]);
  const embedded = embedTokens(config, params, shifted);
  const { streams } = runLayers(
    config,
    params.layers,
    embedded,
    { ...drawn, layers },
    "evaluation",
  );
  return outputLogits(config, params, streams);
}

const largestDifference = (a: Value, b: Value): number => {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [a, b].map((one) => [...(one as Tensor).dataSync()]);
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0);
};

describe("the logits of trax 1.4.1", () => {
  test.each([
    ["full_learned", "full", "learned"],
    ["shared_axial", "full", "axial"],
    ["local_hashed", "local,lsh,local,lsh", "sinusoid"],
    ["hashed_fixed_base", "lsh", "learned"],
    ["shared_local_bare", "local", "none"],
  ])("%s", async (name, layers, positions) => {
    const golden = traxCase(name);
    const { config, params } = fromTraxOrThrow(golden.options, await traxArrays(name));
    expect(`${config.layers.join()},`).toContain(`${layers},`);
    expect(config.positions.kind).toBe(positions);
    const found = logitsOf(golden, config, params);
    expect(largestDifference(found, array(golden.logits))).toBeLessThan(2e-5);
  });
});

const problemsOf = (options: JsonObject, arrays: ReadonlyMap<string, Tensor>) => {
  const read = fromTrax(options, arrays);
  return E.isLeft(read) ? read.left : [];
};
const placesOf = (...given: Parameters<typeof problemsOf>): readonly string[] =>
  problemsOf(...given).map(({ where }) => where);

describe("the ways in which trax kept weights", () => {
  const hashOf = (options: JsonObject, arrays: ReadonlyMap<string, Tensor>): string =>
    parameterHash(fromTraxOrThrow(options, arrays).params);

  test("flat ones in any order, tuples of tuples, and numbers alone", async () => {
    const { options } = traxCase("full_learned");
    const arrays = await pickledArrays("full_learned");
    const flat = [...arrays].filter(([name]) => name.startsWith("flat_weights."));
    expect(flat.length).toBeLessThan(arrays.size);
    const named = (name: (i: number) => string) =>
      new Map(flat.map(([, tensor], i) => [name(i), tensor]));
    for (const same of [
      new Map([...flat].reverse()),
      named((i) => `${i}`),
      named((i) => `weights.${Math.floor(i / 3)}.${i % 3}`),
    ]) {
      expect(hashOf(options, same)).toBe(hashOf(options, arrays));
    }
  });

  test("an axial shape without a kind meant axial tables until 2021, and a learned table since", async () => {
    const { options } = traxCase("shared_axial");
    const arrays = await pickledArrays("shared_axial");
    const { pos_type: _, ...old } = options;
    expect(hashOf(old, arrays)).toBe(hashOf(options, arrays));
    const learned = traxCase("full_learned").options;
    const later = { ...learned, pos_axial_shape: [4, 8], pos_d_axial_embs: [4, 4] };
    const table = await pickledArrays("full_learned");
    expect(hashOf(later, table)).toBe(hashOf(learned, table));
  });

  test("a learned table with an axis for the batch", async () => {
    const { options } = traxCase("full_learned");
    const arrays = await pickledArrays("full_learned");
    const table = arrays.get("flat_weights.1");
    expect(table?.shape).toEqual([32, 8]);
    const old = tensorFrom("f32", [1, 32, 8], new Float32Array(table?.dataSync() ?? []));
    const changed = new Map([...arrays, ["flat_weights.1", old] as const]);
    expect(hashOf(options, changed)).toBe(hashOf(options, arrays));
  });
});

describe("what is refused", () => {
  const base = traxCase("full_learned").options;

  test("options without a counterpart, all at once", () => {
    const none = new Map<string, Tensor>();
    const more = {
      ff_use_sru: 2,
      ff_sparsity: 4,
      loss_sparsity: 2,
      loss_sparsity_prob: 0.5,
      pos_type: "time-bin",
      attention_type: ["SelfAttention", "MixedLSHSelfAttention"],
      SelfAttention: { bias: true, chunk_len: 4, n_chunks_after: 1 },
      n_head: 2,
    };
    expect(new Set(placesOf({ ...base, ...more }, none))).toEqual(
      new Set(
        [
          "ff_use_sru",
          "ff_sparsity",
          "loss_sparsity",
          "loss_sparsity_prob",
          "pos_type",
          "attention_type[1]",
          "SelfAttention.bias",
          "SelfAttention.n_chunks_after",
          "n_head",
        ].map((name) => `options: ${name}`),
      ),
    );
    const kinds = ["SelfAttention", "SelfAttention", "LSHSelfAttention"];
    const unfit = { d_attention_value: 5, attention_type: kinds, pos_type: "fixed-base" };
    expect(placesOf({ ...base, ...unfit, d_model: 9 }, none)).toEqual(
      ["d_attention_value", "attention_type", "pos_type"].map((name) => `options: ${name}`),
    );
    expect(placesOf({ ...base, pos_type: "axial", pos_axial_shape: [4, 4] }, none)).toContain(
      "options, as a configuration of ours: positions.widths",
    );
  });

  test("a checkpoint whose weights are beside it, with what to do", async () => {
    const { options } = traxCase("local_hashed");
    const [problem] = problemsOf(options, await pickledArrays("local_hashed"));
    expect(problem.fix).toMatch(/weights.npy.gz: readNpy/);
    expect((await arraysBeside("local_hashed")).size).toBeGreaterThan(40);
  });

  test("weights that are missing, too many, of another shape, or not finite", async () => {
    const arrays = await pickledArrays("full_learned");
    const fewer = new Map([...arrays].filter(([name]) => name !== "flat_weights.29"));
    expect(problemsOf(base, fewer).map(({ where, got }) => [where, got])).toEqual([
      ["weights", "29"],
      ["tensor weights.29 (output.b)", undefined],
    ]);
    expect(placesOf({ ...base, n_layers: 1 }, arrays)).toEqual([
      "weights",
      "tensor flat_weights.14 (output.norm.scale)",
    ]);
    const [, ...rest] = placesOf({ ...base, n_heads: 4, d_ff: 3 }, arrays);
    expect(rest).toContain("tensor flat_weights.5 (layers.0.attention.w_k)");
    expect(rest).toContain("tensor flat_weights.10 (layers.0.feed_forward.inner.w)");
    const spoilt = tensorFrom("f32", [11], new Float32Array(11).fill(NaN));
    expect(placesOf(base, new Map([...arrays, ["flat_weights.29", spoilt]]))).toEqual([
      "tensor flat_weights.29 (output.b)",
    ]);
  });
});
