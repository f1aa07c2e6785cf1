import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { JsonObject } from "../../src/edge/json.ts";
import { InputError, orThrow } from "../../src/edge/problem.ts";
import { init } from "../../src/init.ts";
import { fromHuggingFace, safetensors, type HeadKind } from "../../src/interop/index.ts";
import { allWeights } from "../../src/interop/huggingface/weights.ts";
import { key } from "../../src/random/index.ts";
import { classifier, initParams, logits, spans } from "../../src/reformer/index.ts";
import {
  parameterHash,
  reformerModel,
  runKeys,
  tensorsOf,
  trainConfig,
} from "../../src/training/index.ts";
import { sharedFiles } from "../support/shared-files.ts";

beforeAll(async () => {
  await init();
});

const small: JsonObject = {
  model_type: "reformer",
  is_decoder: true,
  vocab_size: 20,
  hidden_size: 12,
  num_attention_heads: 2,
  attention_head_size: 5,
  feed_forward_size: 7,
  hidden_act: "gelu_new",
  attn_layers: ["lsh", "local"],
  lsh_attn_chunk_length: 4,
  local_attn_chunk_length: 4,
  num_buckets: [2, 4],
  num_hashes: 3,
  layer_norm_eps: 1e-6,
  axial_pos_embds: true,
  axial_pos_shape: [4, 4],
  axial_pos_embds_dim: [4, 8],
};

function weightsFor(config: JsonObject, head: HeadKind = "tokens"): Record<string, Tensor> {
  let next = 0;
  const sized = [...allWeights(head, config)].map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [
      name,
      tensorFrom(
        "f32",
        shape,
        Float32Array.from({ length: size }, () => next++ / 1e4),
      ),
    ];
  });
  return Object.fromEntries(sized) as Record<string, Tensor>;
}

const problemsOf = (load: () => unknown): readonly string[] => {
  try {
    load();
  } catch (error) {
    if (error instanceof InputError) {
      return error.problems.map(({ where, problem, expected, got }) =>
        [where, problem, expected, got].join("; "),
      );
    }
    throw error;
  }
  return [];
};

describe("fromHuggingFace", () => {
  test("settings and weights as ours: of the shapes that initParams gives", () => {
    const { config, params } = fromHuggingFace(small, weightsFor(small));
    expect(config).toMatchObject({
      conventions: "huggingface",
      activation: "geluTanh",
      lsh: { chunk: 4, before: 1, rounds: 3, buckets: [2, 4] },
      normEpsilon: 1e-6,
      reversible: "float",
    });
    const shapesOf = (tree: unknown) =>
      [...tensorsOf(tree)].map(([name, { aval }]) => [name, aval]);
    expect(shapesOf(params)).toEqual(shapesOf(initParams(config, key(0))));
  });

  test("a record, a map and a parsed file give the same", () => {
    const weights = weightsFor(small);
    const map = new Map(Object.entries(weights));
    const parsed = orThrow(safetensors.parse(safetensors.serialize(map)));
    const hashes = [weights, map, parsed].map((given) =>
      parameterHash(fromHuggingFace(small, given).params),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  test("the head's bias may have either of its names; masks in old files are ignored", () => {
    const weights = weightsFor(small);
    const { "lm_head.bias": bias, "lm_head.decoder.bias": copy, ...rest } = weights;
    const scalar = tensorFrom("f32", [], Float32Array.of(-1e9));
    const mask = "reformer.encoder.layers.0.attention.self_attention.mask_value_float32";
    const given = { ...rest, "lm_head.decoder.bias": bias, [mask]: scalar };
    expect(fromHuggingFace(small, given).params.head.bias).toBe(bias);
    expect(fromHuggingFace(small, { ...rest, "lm_head.bias": copy }).params.head.bias).toBe(copy);
    expect(problemsOf(() => fromHuggingFace(small, rest))).toEqual([
      "tensor lm_head.decoder.bias; is missing; f32[20]; ",
      "tensor lm_head.bias; is missing; f32[20]; ",
    ]);
  });

  test("all settings that cannot be used, at once", () => {
    const bad: JsonObject = {
      ...small,
      hidden_act: "prelu",
      hidden_size: 0,
      num_hashes: "3",
      attn_layers: ["x"],
    };
    const { vocab_size: _, ...incomplete } = bad;
    expect(problemsOf(() => fromHuggingFace(incomplete, {}))).toEqual([
      "config.json: vocab_size; is missing; an integer at least 1 and at most 1073741824; ",
      "config.json: hidden_size; wrong value; an integer at least 1 and at most 1073741824; 0",
      expect.stringMatching(
        /^config.json: hidden_act; unknown word; one of gelu, .*relu.*; "prelu"$/,
      ),
      'config.json: attn_layers[0]; unknown word; one of local, lsh; "x"',
      'config.json: num_hashes; wrong value; an integer at least 1 and at most 1073741824; "3"',
    ]);
    const misfit = { ...small, axial_pos_embds_dim: [4, 9], num_buckets: [2, 3] };
    expect(problemsOf(() => fromHuggingFace(misfit, {}))).toEqual([
      "config.json: positions.widths; do not add up to the model's width; 12; 4 + 9 = 13",
      "config.json: lsh.buckets; must be even; even factors, as half of the buckets are the other half's opposites; 3",
    ]);
  });

  test("all weights that do not fit, at once", () => {
    const weights = weightsFor(small);
    const { "reformer.encoder.layer_norm.bias": _, ...rest } = weights;
    const given = {
      ...rest,
      "reformer.embeddings.word_embeddings.weight": tensorFrom("i32", [1], Int32Array.of(1)),
      "classifier.weight": tensorFrom("f32", [1], Float32Array.of(1)),
    };
    expect(problemsOf(() => fromHuggingFace(small, given))).toEqual([
      "tensor reformer.embeddings.word_embeddings.weight; has the wrong type; f32[20,12]; i32[1]",
      "tensor reformer.encoder.layer_norm.bias; is missing; f32[24]; ",
      "tensor classifier.weight; has no place in this model; ; ",
    ]);
  });

  test.each(["classes", "spans", "none"] as const)("a model with the head %s", (head) => {
    const config: JsonObject = {
      ...small,
      is_decoder: false,
      id2label: { 0: "a", 1: "b", 2: "c" },
    };
    const weights = weightsFor(config, head);
    const { config: ours, params } = fromHuggingFace(config, weights, { head });
    expect(ours.mask).toBe("full");
    const fresh = {
      classes: classifier.init(ours, { classes: 3 }, key(0)),
      spans: spans.init(ours, key(0)),
      none: { ...initParams(ours, key(0)), head: { norm: initParams(ours, key(0)).head.norm } },
    };
    const shapesOf = (tree: unknown) =>
      Object.fromEntries([...tensorsOf(tree)].map(([name, { aval }]) => [name, aval]));
    expect(shapesOf(params)).toEqual(shapesOf(fresh[head]));
    expect(problemsOf(() => fromHuggingFace(config, weights))[0]).toMatch(/is missing/);
  });

  test("a bare model's weights may have the prefix of larger ones", () => {
    const weights = weightsFor(small, "none");
    const named = Object.entries(weights).map(([name, tensor]) => [`reformer.${name}`, tensor]);
    const hashes = [weights, Object.fromEntries(named) as typeof weights].map((given) =>
      parameterHash(fromHuggingFace(small, given, { head: "none" }).params),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  test("what it gives can be trained on", () => {
    const { config: model, params } = fromHuggingFace(small, weightsFor(small));
    const config = trainConfig({
      model,
      training: { batch: 1, length: 8 },
      data: { tokens: "u16le" },
    });
    const trainable = reformerModel(config);
    const keys = runKeys(0);
    const state = { ...trainable.init(keys.initial), params };
    const batch = tensorFrom("i32", [1, 9], Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    const { metrics } = trainable.step(state, batch, keys.step(0));
    expect(metrics.loss.item()).toBeGreaterThan(0);
  });
});

const fixtures = sharedFiles("fixtures/hf");

describe.skipIf(fixtures === undefined)("models that HuggingFace computed", () => {
  const folder = fixtures ?? "";
  const models =
    fixtures === undefined ? [] : readdirSync(folder).filter((n) => n.startsWith("lm_"));
  const parse = (path: string) => orThrow(safetensors.parse(readFileSync(path)));
  const load = (name: string) => ({
    loaded: fromHuggingFace(
      JSON.parse(readFileSync(join(folder, name, "config.json"), "utf8")) as JsonObject,
      parse(join(folder, name, "model.safetensors")),
    ),
    tensors: parse(join(folder, name, "io.safetensors")).tensors,
  });

  test.each(models)("%s is loaded, every weight in its place", (name) => {
    const { config, params } = load(name).loaded;
    const names = (tree: unknown) => [...tensorsOf(tree).keys()];
    expect(names(params)).toEqual(names(initParams(config, key(0))));
  });

  // Without LSH, or with sequences within one chunk, there are no rotations to agree on.
  test.each(["lm_local", "lm_full_fallback"])("the logits of %s", (name) => {
    const { loaded, tensors } = load(name);
    const tokens = tensors.get("input.input_ids");
    const expected = tensors.get("expected.logits");
    if (!tokens || !expected) throw new Error("the case lacks a tensor");
    const valid = tensors.get("input.attention_mask") ?? null;
    const got = logits(loaded.config, loaded.params, tokens, key(0), { valid }).dataSync();
    const wanted = Array.from(expected.words());
    expect(wanted.length).toBeGreaterThan(1000);
    const largest = Math.max(...wanted.map(Math.abs));
    const worst = Math.max(...wanted.map((x, i) => Math.abs(x - got[i])));
    expect(worst / largest).toBeLessThan(1e-5);
  });
});
