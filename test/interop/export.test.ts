import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { JsonObject } from "../../src/edge/json.ts";
import { InputError } from "../../src/edge/problem.ts";
import { init } from "../../src/init.ts";
import {
  fromHuggingFace,
  huggingFaceFiles,
  loadTokenizer,
  parseHuggingFaceFiles,
  safetensors,
  toHuggingFace,
  type HeadKind,
} from "../../src/interop/index.ts";
import { allWeights } from "../../src/interop/huggingface/weights.ts";
import { key } from "../../src/random/index.ts";
import { initParams, reformerConfig, type ReformerConfig } from "../../src/reformer/index.ts";
import { huggingFaceConfig } from "../fuzz/hugging-face-config.ts";
import { bytesOf, load } from "./tokenizers/golden.ts";

beforeAll(async () => {
  await init();
});

const weightsFor = (config: JsonObject, head: HeadKind): ReadonlyMap<string, Tensor> => {
  let next = 1;
  const made = new Map(
    [...allWeights(head, config)].map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const words = Float32Array.from({ length: size }, () => (next++ % 3 ? next : -next) / 7e3);
      words[0] = -0;
      return [name, tensorFrom("f32", shape, words)];
    }),
  );
  const bias = made.get("lm_head.bias");
  return bias ? made.set("lm_head.decoder.bias", bias) : made;
};

const bits = (tensors: ReadonlyMap<string, Tensor>): Record<string, readonly number[]> =>
  Object.fromEntries(
    [...tensors].map(([name, tensor]) => [
      name,
      [...tensor.shape, ...new Uint32Array((tensor.words() as Float32Array).slice().buffer)],
    ]),
  );

const problemsOf = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.problems.map((p) => `${p.where} ${p.problem}`);
    throw error;
  }
  return [];
};

describe("toHuggingFace", () => {
  test.each(["tokens", "classes", "spans", "none"] as const)(
    "gives the weights that %s came from, bit for bit",
    (head) => {
      const labels = { id2label: { 0: "a", 1: "b", 2: "c" } };
      const config: JsonObject =
        head === "classes" ? { ...huggingFaceConfig, ...labels } : huggingFaceConfig;
      const weights = weightsFor(config, head);
      const { config: ours, params } = fromHuggingFace(config, weights, { head });
      const { tensors, config: written } = toHuggingFace(ours, params, { head });
      expect(bits(tensors)).toEqual(bits(weights));
      for (const [name, value] of Object.entries(huggingFaceConfig))
        expect([name, written[name]]).toEqual([name, value]);
      expect(fromHuggingFace(written, tensors, { head }).config).toEqual(ours);
    },
  );

  test("settings that can be written come back", () => {
    const chunk = fc.integer({ min: 1, max: 16 });
    const count = fc.integer({ min: 0, max: 2 });
    const given = fc.record({
      ...Object.fromEntries(
        ["local", "lsh"].flatMap((kind) => [
          [`${kind}_attn_chunk_length`, chunk],
          [`${kind}_num_chunks_before`, count],
          [`${kind}_num_chunks_after`, count],
        ]),
      ),
      attn_layers: fc.array(fc.constantFrom("lsh", "local"), { minLength: 1, maxLength: 4 }),
      num_hashes: fc.integer({ min: 1, max: 4 }),
      num_buckets: fc.constantFrom(null, 2, 8, [2, 4]),
      is_decoder: fc.boolean(),
      axial_pos_embds: fc.boolean(),
      max_position_embeddings: fc.integer({ min: 1, max: 2 ** 20 }),
      hidden_act: fc.constantFrom("gelu", "gelu_new", "relu", "silu"),
      layer_norm_eps: fc.constantFrom(1e-12, 1e-6),
    });
    const property = fc.property(given, (settings) => {
      const config = {
        ...huggingFaceConfig,
        ...settings,
        max_position_embeddings: settings.axial_pos_embds ? settings.max_position_embeddings : 32,
      } as JsonObject;
      const { config: ours, params } = fromHuggingFace(config, weightsFor(config, "tokens"));
      const { config: written } = toHuggingFace(ours, params);
      expect(fromHuggingFace(written, weightsFor(written, "tokens")).config).toEqual(ours);
    });
    fc.assert(property, { numRuns: 15 });
  });

  test("what HuggingFace has no field for is named, all at once", () => {
    const config: ReformerConfig = {
      ...reformerConfig({ width: 16, lsh: { centred: true, evaluationRounds: 3 } }),
      activation: "elu",
      layers: ["full", "lsh"],
      positions: { kind: "sinusoid" },
      reversible: "none",
      residual: { norm: "rms" },
      attention: { memory: 4 },
    };
    const named = problemsOf(() => toHuggingFace(config, initParams(config, key(0))));
    expect(named.map((line) => line.split(" ")[0])).toEqual(
      expect.arrayContaining([
        "config.conventions",
        "config.activation",
        "config.layers",
        "config.attention",
        "config.residual",
        "config.reversible",
        "config.positions.kind",
        "config.lsh.centred",
        "config.lsh.evaluationRounds",
        "config.lsh.powersUpTo",
      ]),
    );
  });

  test("parameters of another model, or that are not finite, are named", () => {
    const { config, params } = fromHuggingFace(
      huggingFaceConfig,
      weightsFor(huggingFaceConfig, "tokens"),
    );
    const { head, ...body } = params;
    const bias = tensorFrom("f32", [320], new Float32Array(320).fill(NaN));
    const damaged = { ...body, head: { norm: head.norm, kernel: bias, bias, more: bias } };
    expect(problemsOf(() => toHuggingFace(config, damaged))).toEqual([
      "params.head.bias is not finite",
      "params.head.kernel has the wrong type",
      "params.head.more has no place in this model",
    ]);
  });
});

describe("files of a folder", () => {
  const model = () => ({
    config: huggingFaceConfig as JsonObject,
    tensors: weightsFor(huggingFaceConfig, "tokens"),
  });
  const reading = (files: ReadonlyMap<string, Uint8Array>) =>
    parseHuggingFaceFiles((name) => files.get(name));
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  test.each(["f32", "bf16", "f16"] as const)("come back as they were, stored as %s", (floats) => {
    const files = huggingFaceFiles(model(), { floats });
    const { tensors } = reading(files);
    const stored = safetensors.parseOrThrow(
      safetensors.serialize(model().tensors, new Map(), { floats }),
    );
    expect(bits(tensors)).toEqual(bits(stored.tensors));
  });

  const sharded = () => {
    const { config, tensors } = model();
    const names = [...tensors.keys()];
    const shardOf = (i: number): string => `model-0000${(i % 2) + 1}-of-00002.safetensors`;
    const part = (odd: number) => new Map([...tensors].filter((_, i) => i % 2 === odd));
    return new Map([
      ["config.json", json(config)],
      [
        "model.safetensors.index.json",
        json({
          metadata: {},
          weight_map: Object.fromEntries(names.map((name, i) => [name, shardOf(i)])),
        }),
      ],
      [shardOf(0), safetensors.serialize(part(0))],
      [shardOf(1), safetensors.serialize(part(1))],
    ]);
  };

  test("shards are joined as their index says", () => {
    expect(bits(reading(sharded()).tensors)).toEqual(bits(model().tensors));
  });

  test.each(["byte-level.json", "cp.320.model.gz"])("hold the tokenizer %s", async (name) => {
    const tokenizer = bytesOf(name);
    const config = { ...huggingFaceConfig, vocab_size: 400 };
    const files = huggingFaceFiles({ ...model(), config, tokenizer });
    const own = name.endsWith(".json") ? "tokenizer.json" : "spiece.model";
    expect([...files.keys()].slice(2)).toEqual([own, "tokenizer_config.json"]);
    const read = parseHuggingFaceFiles((file) => files.get(file)).tokenizer;
    expect(read).toEqual(tokenizer);
    expect((await loadTokenizer(read ?? new Uint8Array(0))).encode("to be")).toEqual(
      (await load(name)).encode("to be"),
    );
  });

  test("refuse a tokenizer that does not belong there", () => {
    const of = (tokenizer: Uint8Array) =>
      problemsOf(() => huggingFaceFiles({ ...model(), tokenizer }));
    expect(of(bytesOf("wmt32k.subwords.gz"))).toEqual([
      "tokenizer is of a kind that HuggingFace's Reformers do not read",
    ]);
    expect(of(bytesOf("byte-level.json"))).toEqual(["tokenizer has more ids than the model"]);
    expect(of(new Uint8Array(9))).toEqual(["tokenizer is none that is known"]);
  });

  test("what is wrong with them is named", () => {
    const without = (name: string) =>
      problemsOf(() => reading(new Map([...sharded()].filter(([n]) => n !== name))));
    expect(without("config.json")).toEqual(["config.json is missing"]);
    expect(without("model.safetensors.index.json")).toEqual(["model.safetensors is missing"]);
    expect(without("model-00002-of-00002.safetensors")).toEqual([
      "model-00002-of-00002.safetensors is missing, and model.safetensors.index.json names it",
    ]);
    const with_ = (name: string, value: unknown) =>
      problemsOf(() => reading(sharded().set(name, json(value))));
    expect(with_("config.json", { model_type: "bert" })).toEqual([
      "config.json: model_type is another kind of model",
    ]);
    expect(with_("config.json", [])).toEqual(["config.json is not a JSON object"]);
    const index = "model.safetensors.index.json";
    expect(with_(index, { weight_map: { a: "../b.safetensors" } })).toEqual([
      `${index}: weight_map.a names no file of this folder`,
    ]);
    const shard = "model-00001-of-00002.safetensors";
    expect(with_(index, { weight_map: { a: shard } })[0]).toBe(`${shard}: tensor a is missing`);
    expect(with_(shard, {})[0]).toMatch(`${shard}: `);
  });
});
