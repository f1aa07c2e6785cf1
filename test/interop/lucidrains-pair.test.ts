/** lucidrains' encoder-decoder and its bare Reformer as models of ours. */
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { beforeAll, describe, expect, test } from "vitest";
import type { Tensor } from "../../src/core/tensor.ts";
import { asJsonObject, type JsonObject } from "../../src/edge/json.ts";
import { orThrow } from "../../src/edge/problem.ts";
import { init } from "../../src/init.ts";
import {
  fromLucidrainsEncoderDecoder,
  fromLucidrainsEncoderDecoderOrThrow,
  fromLucidrainsOrThrow,
  fromLucidrainsStack,
  fromLucidrainsStackOrThrow,
} from "../../src/interop/index.ts";
import { array } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  buildLayers,
  encoderDecoder,
  reversible,
  runStack,
  stackContext,
} from "../../src/reformer/index.ts";
import { decoderPart, encoderOf } from "../../src/reformer/models/encoder-decoder/config.ts";
import { sourceInputs } from "../../src/reformer/models/encoder-decoder/params.ts";
import { resultOf } from "../../src/reformer/models/encoder-decoder/passes.ts";
import { embedTokens } from "../../src/reformer/models/token-vectors.ts";
import { outputLogits } from "../../src/reformer/outputs/next-token.ts";
import type { GoldenCase } from "../../src/verify/case.ts";
import { halvesOf } from "../../src/verify/lucidrains/encoder-decoder.ts";
import { inputsOf, runModel } from "../../src/verify/lucidrains/model.ts";
import { readCaseOrThrow } from "../../src/verify/node/index.ts";
import { tensorNamed, tensorOf } from "../../src/verify/runner-support.ts";
import { expectSameBits } from "../support/arrays.ts";
import { smallOptions, smallWeights } from "./small-lucidrains.ts";

beforeAll(async () => {
  await init();
});

const load = (name: string): GoldenCase =>
  readCaseOrThrow(join(import.meta.dirname, "../golden/lucidrains", name), name);
const optionsOf = ({ description }: GoldenCase): JsonObject =>
  orThrow(asJsonObject(description.options ?? null, "options"));
const modelOf = (golden: GoldenCase) =>
  fromLucidrainsEncoderDecoderOrThrow(optionsOf(golden), golden.weights);

const expectLogits = (found: Tensor, golden: GoldenCase): void => {
  const expected = tensorNamed(golden, "expected64.logits");
  expect(found.shape).toEqual(expected.shape);
  const values = expected.dataSync();
  found.dataSync().forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThan(1e-4));
};

describe("the logits of lucidrains' encoder-decoder", () => {
  test.each(["pair_full_learned", "pair_full_masked"])("%s", (name) => {
    const golden = load(name);
    const { config, params } = modelOf(golden);
    expect(config.encoder.vocabulary).toBe(20);
    const [source, inputs] = ["source", "input_ids"].map((text) =>
      tensorNamed(golden, `input.${text}`),
    );
    const sourceValid = golden.tensors.get("input.source_mask") ?? null;
    const found = encoderDecoder.logits(config, params, { source, inputs }, key(0), {
      sourceValid,
    });
    expectLogits(tensorOf(found), golden);
  });

  test("pair_hashed, with its rotations", () => {
    const golden = load("pair_hashed");
    const { config, params } = modelOf(golden);
    const { enc, dec } = halvesOf(golden);
    const body = { ...params.encoder, ...sourceInputs(params) };
    const ofSource = inputsOf(enc.golden, encoderOf(config));
    const below = runModel(enc.golden, encoderOf(config), body, ofSource.tokens, ofSource.context);
    const keys = resultOf(config, params.encoder.norm, below.streams);
    const decoder = decoderPart(config);
    const ofTarget = inputsOf(dec.golden, decoder, { keys, keysValid: null });
    const { streams } = runModel(dec.golden, decoder, params, ofTarget.tokens, ofTarget.context);
    expectLogits(tensorOf(outputLogits(decoder, params, streams)), golden);
  });
});

describe("what an encoder-decoder is refused for", () => {
  const golden = load("pair_full_learned");
  const placesOf = (more: JsonObject, given: ReadonlyMap<string, Tensor> = golden.weights) => {
    const read = fromLucidrainsEncoderDecoder({ ...optionsOf(golden), ...more }, given);
    return E.isLeft(read) ? read.left.map(({ where }) => where) : [];
  };

  test("options that are wrong, unknown or foreign, of both models at once", () => {
    const more = { enc_headz: 2, dec_emb_dim: 4, enc_causal: true, headz: 1, pad_value: 0 };
    expect(placesOf(more)).toEqual([
      "options: enc_headz",
      "options: dec_emb_dim",
      "options: headz",
      "options: enc_causal",
    ]);
  });

  test("models that are not alike, or that our encoder-decoder has no place for", () => {
    const of = (name: string) => `options: ${name} of the encoder`;
    expect(placesOf({ enc_heads: 4, enc_ff_glu: true, enc_num_mem_kv: 2 })).toEqual(
      ["heads", "feedForward", "attention"].map(of),
    );
    const gains = { enc_use_rezero: true, dec_use_rezero: true };
    expect(placesOf(gains)).toEqual(["options, as a configuration of ours: residual"]);
    expect(placesOf({ enc_depth: 1 }).every((where) => /no place|tensor/.test(where))).toBe(true);
  });

  test("weights that are missing or of neither model", () => {
    const name = "enc.net.net.norm.bias";
    expect(golden.weights.has(name)).toBe(true);
    const given = new Map(
      [...golden.weights].map(([own, tensor]) => [own === name ? "norm.bias" : own, tensor]),
    );
    expect(placesOf({}, given)).toEqual(["enc: tensor norm.bias", "tensor norm.bias"]);
  });
});

describe("lucidrains' bare Reformer", () => {
  const { trained } = smallWeights();
  const bare = new Map(
    [...trained].flatMap(([name, tensor]): [string, Tensor][] =>
      name.startsWith("reformer.") ? [[name.slice("reformer.".length), tensor]] : [],
    ),
  );
  const {
    num_tokens: _,
    max_seq_len: __,
    axial_position_emb: ___,
    ...options
  } = { ...smallOptions, use_full_attn: true };

  test("is the language model's layers", () => {
    const whole = { ...smallOptions, use_full_attn: true };
    const model = fromLucidrainsOrThrow(whole, trained);
    const { config, layers } = fromLucidrainsStackOrThrow(options, bare);
    const tokens = array([[1, 4, 2, 0, 3]], "i32");
    const x = embedTokens(model.config, model.params, tokens);
    const context = stackContext(config, key(0), { mode: "evaluation", length: 5 });
    const stack = reversible(buildLayers(config, "evaluation"));
    const { streams } = stack(layers, { first: x, second: x }, context);
    const expected = runStack(model.config, model.params, tokens, key(0)).streams;
    expectSameBits(streams.first, expected.first, "first");
    expectSameBits(streams.second, expected.second, "second");
  });

  test("has no options and weights of a language model", () => {
    const placesOf = (more: JsonObject, given: ReadonlyMap<string, Tensor>) => {
      const read = fromLucidrainsStack({ ...options, ...more }, given);
      return E.isLeft(read) ? read.left.map(({ where }) => where) : [];
    };
    expect(placesOf({ num_tokens: 5, fixed_position_emb: true }, bare)).toEqual([
      "options: num_tokens",
      "options: fixed_position_emb",
    ]);
    expect(placesOf({}, trained)).toContain("tensor token_emb.weight");
    expect(placesOf({ depth: 3 }, bare)).toContain(
      "tensor reformer.layers.blocks.2.f.net.norm.weight",
    );
  });
});
