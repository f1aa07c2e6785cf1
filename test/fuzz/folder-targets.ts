import { sizeOf } from "../../src/core/shape.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { allWeights, type WeightShapes } from "../../src/interop/huggingface/weights.ts";
import {
  fromHuggingFace,
  huggingFaceFiles,
  parseHuggingFaceFiles,
  safetensors,
} from "../../src/interop/index.ts";
import { importedTask } from "../../src/training/checkpoint/imported-task.ts";
import { classifyKind } from "../../src/training/classify/kind.ts";
import { taskPresets } from "../../src/training/config/task-presets.ts";
import { anyKind, type HuggingFaceHead } from "../../src/training/task/kind.ts";
import { huggingFaceConfig } from "./hugging-face-config.ts";
import { encode, jsonSample, tensorsSample, type Target } from "./samples.ts";

/** A folder of HuggingFace's with other bytes in the place of one file: in one piece, or in shards. */

const config = { ...huggingFaceConfig, model_type: "reformer", vocab_size: 12 };

const filled = (shapes: WeightShapes): readonly (readonly [string, Tensor])[] =>
  [...shapes].map(([name, shape], i) => [
    name,
    tensorFrom("f32", shape, new Float32Array(sizeOf(shape)).fill(i / 8)),
  ]);

const weights = filled(allWeights("tokens", config));

/** A classifier of bytes, which a task takes. */
const classifier = {
  ...config,
  vocab_size: 256,
  is_decoder: false,
  architectures: ["ReformerForSequenceClassification"],
  id2label: { 0: "doyle", 1: "melville", 2: "tolstoy" },
  label2id: { doyle: 0, melville: 1, tolstoy: 2 },
};
const classifierWeights = filled(allWeights("classes", classifier));

const shardOf = (i: number): string => `model-0000${(i % 2) + 1}-of-00002.safetensors`;
const shard = (i: number): Uint8Array =>
  safetensors.serialize(
    new Map(weights.filter((_, at) => shardOf(at) === shardOf(i))),
    new Map([["format", "pt"]]),
    { floats: i === 0 ? "bf16" : "f32" },
  );

const indexName = "model.safetensors.index.json";
const index = {
  metadata: { total_size: 1000 },
  weight_map: Object.fromEntries(weights.map(([name], i) => [name, shardOf(i)])),
};

const inOnePiece = huggingFaceFiles({ config, tensors: new Map(weights) });
const inShards: ReadonlyMap<string, Uint8Array> = new Map([
  ["config.json", encode(JSON.stringify(config))],
  [indexName, encode(JSON.stringify(index))],
  [shardOf(0), shard(0)],
  [shardOf(1), shard(1)],
]);

/** Loads it; what is read, written and read again is the same. */
function readFolder(files: ReadonlyMap<string, Uint8Array>): unknown {
  const model = parseHuggingFaceFiles((name) => {
    // Whoever reads a file for the name would leave the folder.
    if (/[/\\]|^\.*$/.test(name)) throw new Error(`asked for ${JSON.stringify(name)}`);
    return files.get(name);
  });
  const written = huggingFaceFiles(model);
  const again = parseHuggingFaceFiles((name) => written.get(name));
  if (said(again.tensors) !== said(model.tensors)) throw new Error("other tensors are read again");
  return fromHuggingFace(model.config, model.tensors);
}

const said = (tensors: ReadonlyMap<string, Tensor>): string =>
  JSON.stringify(
    [...tensors]
      .map(([name, x]) => [name, x.aval, base64(x.words())] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const base64 = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64");

const noWeights = safetensors.serialize(new Map());

const readWith =
  (files: ReadonlyMap<string, Uint8Array>, name: string) =>
  (bytes: Uint8Array): unknown =>
    readFolder(new Map(files).set(name, bytes));

/** All weights are read for each mutant. */
const cost = 10;

export const folderTargets: readonly Target[] = [
  {
    name: "HuggingFace",
    samples: [jsonSample(config)],
    read: (bytes) => {
      const file = (name: string) => (name === "config.json" ? bytes : noWeights);
      return fromHuggingFace(parseHuggingFaceFiles(file).config, new Map(weights));
    },
  },
  {
    name: "HuggingFace's classifiers",
    samples: [jsonSample(classifier)],
    read: (bytes) => {
      const file = (name: string) => (name === "config.json" ? bytes : noWeights);
      const { config: written } = parseHuggingFaceFiles(file);
      const { huggingFace: head, ...kind } = classifyKind;
      if (!head) throw new Error("HuggingFace has classifiers");
      const model = { config: written, tensors: new Map(classifierWeights) };
      return importedTask(anyKind(kind), head as HuggingFaceHead, taskPresets.classify, model);
    },
  },
  {
    name: "HuggingFace's weights",
    samples: [tensorsSample(inOnePiece.get("model.safetensors") ?? new Uint8Array(0))],
    read: readWith(inOnePiece, "model.safetensors"),
    cost,
  },
  {
    name: "HuggingFace's index",
    samples: [jsonSample(index)],
    read: readWith(inShards, indexName),
    cost,
  },
  {
    name: "HuggingFace's shards",
    samples: [tensorsSample(shard(0))],
    read: readWith(inShards, shardOf(0)),
    cost,
  },
];
