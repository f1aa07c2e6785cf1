/** Whole models that see all tokens, against what HuggingFace's computed: streams of every layer, logits, loss and gradients. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { init, valueAndGrad, type Tensor, type Value } from "../../src/index.ts";
import { configFromHuggingFace } from "../../src/interop/huggingface/config.ts";
import {
  layerFromHuggingFace,
  paramsFromHuggingFace,
  type StateDict,
} from "../../src/interop/huggingface/parameters.ts";
import { reshape } from "../../src/numpy/index.ts";
import { buildLayers, forwardPass, type ReformerConfig } from "../../src/reformer/index.ts";
import { runLayers } from "../../src/reformer/models/run-stack.ts";
import { embedTokens } from "../../src/reformer/models/token-vectors.ts";
import { meanLoss } from "../../src/reformer/outputs/mean-loss.ts";
import { outputLogits } from "../../src/reformer/outputs/next-token.ts";
import type { GoldenCase } from "../../src/verify/index.ts";
import { readCaseOrThrow } from "../../src/verify/node/index.ts";
import { expectCloseToLargest } from "../support/arrays.ts";
import { sharedFiles } from "../support/shared-files.ts";

const fixtures = sharedFiles("fixtures");

interface Loaded {
  readonly golden: GoldenCase;
  readonly config: ReformerConfig;
  readonly weights: StateDict;
  readonly context: Parameters<typeof forwardPass>[3];
  readonly tokens: Tensor;
}

function load(name: string): Loaded {
  const golden = readCaseOrThrow(join(fixtures ?? "", "hf", name), name);
  const config = configFromHuggingFace(golden.config ?? {});
  const layers = config.layers.map((_, i) => {
    const given = golden.tensors.get(`rotations.${i}`);
    const rotations = given ? reshape(given, [given.shape[0], 1, ...given.shape.slice(1)]) : null;
    const f = { rotations, dropoutKey: null, outputKey: null, bucketShuffle: null };
    return { f, g: { dropoutKey: null } };
  });
  const valid = golden.tensors.get("input.attention_mask") ?? null;
  const weights = Object.fromEntries(golden.weights);
  delete weights["lm_head.decoder.bias"];
  const tokens = tensorOf(golden, "input.input_ids");
  return { golden, config, weights, context: { shared: { valid }, layers }, tokens };
}

function tensorOf({ tensors }: GoldenCase, name: string): Tensor {
  const found = tensors.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** Real tokens at which HuggingFace's float32 and float64 runs hash alike. */
function certain({ golden, tokens }: Loaded): readonly boolean[] {
  const mask = golden.tensors.get("input.attention_mask")?.words();
  const flagged = golden.tensors.get("info.f32_rounding_positions")?.words();
  return Array.from({ length: tokens.size }, (_, i) => mask?.[i] !== 0 && !flagged?.[i]);
}

function expectAlike(got: Value, expected: Tensor, where: readonly boolean[], what: string): void {
  const width = expected.size / where.length;
  const kept = (words: ArrayLike<number>): number[] =>
    Array.from(words).filter((_, i) => where[Math.floor(i / width)]);
  expect(got.shape).toEqual(expected.shape);
  expectCloseToLargest(kept(got.dataSync()), kept(expected.words()), 2e-5, what);
}

beforeAll(async () => {
  await init("wasm");
});

describe.skipIf(fixtures === undefined)("a model with the mask full", () => {
  test.each(["seq_cls", "qa_masked", "mlm_encoder_masked"])("has %s's streams", (name) => {
    const loaded = load(name);
    const { golden, config, weights, context, tokens } = loaded;
    expect(config.mask).toBe("full");
    const end = (prefix: string): Value => weights[`reformer.embeddings.${prefix}`];
    const [embedding, ...tables] = [
      end("word_embeddings.weight"),
      ...[0, 1].map((axis) => end(`position_embeddings.weights.${axis}`)),
    ];
    const positions = {
      tables: tables.map((table, axis) =>
        reshape(table, [table.shape[axis], table.shape[table.shape.length - 1]]),
      ),
    };
    const ends = { embedding: { table: embedding }, positions } as never;
    const stream = embedTokens(config, ends, tokens);
    const where = certain(loaded);
    expectAlike(stream, tensorOf(golden, "expected.embedding_output"), where, "embedded");
    const params = config.layers.map((kind, i) =>
      layerFromHuggingFace(config, kind, weights, `reformer.encoder.layers.${i}.`),
    );
    const layers = buildLayers(config, "evaluation");
    config.layers.forEach((_, i) => {
      const { streams } = forwardPass(
        layers.slice(0, i + 1),
        params.slice(0, i + 1),
        { first: stream, second: stream },
        { ...context, layers: context.layers.slice(0, i + 1) },
      );
      const expected = (stage: string): Tensor => tensorOf(golden, `expected.layer.${i}.${stage}`);
      expectAlike(streams.first, expected("attn_output"), where, `layer ${i}, first`);
      expectAlike(streams.second, expected("hidden_states"), where, `layer ${i}, second`);
    });
  });

  test("has the logits, loss and gradients of a masked language model", () => {
    const loaded = load("mlm_encoder_masked");
    const { golden, config, weights, context, tokens } = loaded;
    const run = (dict: StateDict) => {
      const params = paramsFromHuggingFace(config, dict);
      const embedded = embedTokens(config, params, tokens);
      return { params, ...runLayers(config, params.layers, embedded, context, "evaluation") };
    };
    const { params, streams } = run(weights);
    const logits = outputLogits(config, params, streams);
    expectAlike(logits, tensorOf(golden, "expected.logits"), certain(loaded), "logits");
    const [loss, gradients] = valueAndGrad((dict: StateDict): Value => {
      const top = run(dict);
      return meanLoss(config, top.params, top.streams, tensorOf(golden, "input.labels"));
    })(weights);
    expect(loss.item()).toBeCloseTo(tensorOf(golden, "expected.loss").words()[0], 5);
    const names = Object.keys(gradients).filter((name) => golden.tensors.has(`grad.${name}`));
    expect(names.length).toBeGreaterThan(40);
    for (const name of names) {
      const expected = tensorOf(golden, `grad.${name}`).words();
      expectCloseToLargest(gradients[name].dataSync(), expected, 1e-4, name);
    }
  });
});
