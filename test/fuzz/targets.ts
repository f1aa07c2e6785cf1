import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import * as E from "fp-ts/lib/Either.js";
import { tensorFrom } from "../../src/core/tensor.ts";
import type { Json } from "../../src/edge/json.ts";
import { parseJsonBytes } from "../../src/edge/json.ts";
import { joinBytes } from "../../src/edge/node/read-file.ts";
import { invalid, type Validated } from "../../src/edge/problem.ts";
import { init } from "../../src/index.ts";
import { loadTokenizer, safetensors, type Tokenizer } from "../../src/interop/index.ts";
import {
  readModel,
  type SentencePieceModel,
} from "../../src/interop/tokenizers/sentencepiece/model.ts";
import { normalize } from "../../src/interop/tokenizers/sentencepiece/normalize.ts";
import { decodePieces } from "../../src/interop/tokenizers/sentencepiece/tokenizer.ts";
import { unigram } from "../../src/interop/tokenizers/sentencepiece/unigram.ts";
import { wordSplit } from "../../src/interop/tokenizers/sentencepiece/words.ts";
import { readSubwords } from "../../src/interop/tokenizers/subwords/tokenizer.ts";
import { modelBytes, normal, type WrittenPiece } from "../interop/tokenizers/model-writer.ts";
import { parseNpy } from "../../src/interop/npy/read.ts";
import { parsePickle } from "../../src/interop/pickle/read.ts";
import { storedOf } from "../../src/training/checkpoint/checkpoint.ts";
import { decodeFile, encodeFile } from "../../src/training/checkpoint/file.ts";
import { decodeFolder, encodeFolder } from "../../src/training/checkpoint/folder.ts";
import { decodeManifest } from "../../src/training/checkpoint/manifest.ts";
import { trainConfigOf } from "../../src/training/checkpoint/task-config.ts";
import { encodeHashes, headerLine } from "../../src/training/hashes/format.ts";
import { hashesOf, indexHashes } from "../../src/training/hashes/hash-index.ts";
import {
  parseTrainConfig,
  parseTrainConfigOrThrow,
  presets,
  type Checkpoint,
} from "../../src/training/index.ts";
import { decodeCase } from "../../src/verify/decode-case.ts";
import type { Feature } from "../../src/verify/feature.ts";
import { verifyCase, type CaseRunner } from "../../src/verify/index.ts";
import { toyPreset } from "../training/toy-model.ts";
import { echo, smallCase } from "../verify/small-case.ts";
import { huggingFaceConfig } from "./hugging-face-config.ts";
import { folderTargets } from "./folder-targets.ts";
import type { Sample } from "./mutate.ts";
import { decode, encode, jsonSample, tensorsSample, type Target } from "./samples.ts";

const hashFile = joinBytes([
  headerLine({ model: { width: 8 } }),
  ...[4, 5].flatMap((step) =>
    encodeHashes(step, [null, tensorFrom("i32", [1, 2, 1, 2], Int32Array.of(0, 3, 1, 70_000))]),
  ),
]);

const tensors = new Map([
  ["key", tensorFrom("u32", [2], Uint32Array.of(0, 7))],
  ["state.params.w", tensorFrom("f32", [2, 2], Float32Array.of(1.5, -0, 2, 3))],
  ["state.params.empty", tensorFrom("f32", [0, 3], new Float32Array(0))],
  ["state.optimizer.q", tensorFrom("q32.20", [1], Int32Array.of(5))],
  ["state.flag", tensorFrom("bool", [3], Int32Array.of(0, 1, 1))],
]);

const checkpoint: Checkpoint = {
  step: 7,
  config: parseTrainConfigOrThrow(toyPreset),
  progress: { bytes: 100, data: { train: "abc" } },
  tensors,
};

/** Always the same, so that what lies behind a checksum is reached: mutants would not get past a true one. */
const digest = (): string => "0".repeat(64);
const writing = { writer: "1.2.3", digest };
const files = new Map(encodeFolder(storedOf(checkpoint), writing));
const fileOf = (name: string): Uint8Array => files.get(name) ?? new Uint8Array(0);

/** Reads the checkpoint's folder with other bytes in the place of one file. */
const readFolderWith = (changed: string, bytes: Uint8Array): unknown =>
  decodeFolder((name) => E.right(name === changed ? bytes : fileOf(name)), digest);

const manifestSample: Sample = {
  bytes: fileOf("manifest.json"),
  json: {
    text: decode(fileOf("manifest.json")),
    // As manifests are written, where that is possible: others are refused at once.
    wrap: (text) => {
      try {
        return encode(`${JSON.stringify(JSON.parse(text), null, 1)}\n`);
      } catch {
        return encode(text);
      }
    },
  },
};

/** The value of strict JSON is that of `JSON.parse`. */
function readJson(bytes: Uint8Array): unknown {
  const parsed = parseJsonBytes(bytes, "f");
  if (E.isLeft(parsed)) return parsed;
  const expected = JSON.stringify(JSON.parse(decode(bytes)));
  if (JSON.stringify(parsed.right) !== expected) throw new Error("not what JSON.parse reads");
  return parsed;
}

/** A configuration that is read is complete: written and read again, it is the same. */
function readConfiguration(bytes: Uint8Array): unknown {
  const parsed = E.chain(parseTrainConfig)(parseJsonBytes(bytes, "f"));
  if (E.isLeft(parsed)) return parsed;
  const written = JSON.stringify(parsed.right);
  const again = parseTrainConfig(JSON.parse(written) as Json);
  if (E.isLeft(again) || JSON.stringify(again.right) !== written) {
    throw new Error("a configuration that was read is not read again");
  }
  return parsed;
}

/** What is read, written and read again is the same. */
function readTensors(bytes: Uint8Array): unknown {
  const parsed = safetensors.parse(bytes);
  if (E.isLeft(parsed)) return parsed;
  const { tensors: found, metadata } = parsed.right;
  const again = safetensors.parse(safetensors.serialize(found, metadata));
  if (E.isLeft(again) || again.right.tensors.size !== found.size) {
    throw new Error("tensors that were read are not read again");
  }
  return parsed;
}

const golden = smallCase();
const goldenTensors = safetensors.serialize(golden.tensors);
const hfCase = {
  ...golden.description,
  family: "hf",
  class: "LSHSelfAttention",
};

/** A set of whatever it is asked for. */
const anyFeature: ReadonlySet<Feature> = new (class extends Set<Feature> {
  override has(): boolean {
    return true;
  }
})();

/** Runs every case that it knows the kind of. */
const everyFeature: CaseRunner = { ...echo(), features: anyFeature };

async function readCase(description: Uint8Array, config: Uint8Array, data: Uint8Array) {
  const files = new Map([
    ["io.json", description],
    ["config.json", config],
    ["io.safetensors", data],
    ["model.safetensors", data],
  ]);
  const read = decodeCase(
    (name): Validated<Uint8Array | undefined> => E.right(files.get(name)),
    "f",
  );
  if (E.isLeft(read)) return read;
  const verdict = await verifyCase(read.right, [everyFeature]);
  if (verdict.outcome !== "fail") return verdict;
  const internal = verdict.problems.find(({ problem }) => problem.startsWith("internal error"));
  if (internal !== undefined) throw new Error(internal.problem);
  return verdict;
}

/** The double array of the map of x to its text, one unit a line: root, its child by x, that one's value. */
const charsmap = new Uint8Array([
  ...new Uint8Array(Uint32Array.of(4 * 0x80).buffer),
  ...new Uint8Array(
    Uint32Array.from({ length: 0x80 }, (_, i) =>
      i === 0 ? 1 << 10 : i === (0x78 ^ 1) ? 0x178 : 0x8000_0000,
    ).buffer,
  ),
  ...encode("ab\0"),
]);

const pieces: readonly WrittenPiece[] = [
  { text: "<unk>", type: 2 },
  { text: "</s>", type: 3 },
  ...["▁", "a", "b", "▁a", "ab", "é"].map(normal),
];
const sentencePieceSamples = [1, 2].map((algorithm) => ({
  bytes: modelBytes(pieces, { algorithm }, charsmap),
}));

/** What the library does not see of a model: the map, and what is decoded. */
function usedOnce(model: SentencePieceModel): string {
  const words = wordSplit(model.pieces)(normalize("ab x </s> é", model.normalizer));
  const segment = unigram(model);
  return decodePieces(
    model,
    [...words].flatMap((word) => [...segment(word)]),
  );
}

const unzipped = (file: string): Sample => ({
  bytes: new Uint8Array(gunzipSync(readFileSync(`test/golden/${file}`))),
});
const pickles = [
  ...[2, 4, 5].map((protocol) => unzipped(`pickle/protocol-${protocol}.pkl.gz`)),
  unzipped("trax/local_hashed/model.pkl.gz"),
];
/** Its first two arrays. */
const npy = ((file: Buffer): Sample => {
  const later = [1, 2].reduce((at) => file.indexOf("NUMPY", at + 9), 0);
  return { bytes: new Uint8Array(file.subarray(0, later - 1)) };
})(gunzipSync(readFileSync("test/golden/trax/local_hashed/model.weights.npy.gz")));

const tokenizerJson = {
  added_tokens: [{ id: 3, content: "<s>", special: true, normalized: false }],
  normalizer: { type: "Lowercase" },
  pre_tokenizer: { type: "Metaspace" },
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"], unk_token: "a" },
  decoder: { type: "Metaspace" },
};

// Weights are turned around by a back end.
await init("reference");

export const targets: readonly Target[] = [
  {
    name: "safetensors",
    samples: [tensorsSample(safetensors.serialize(tensors, new Map([["a", "b"]])))],
    read: readTensors,
  },
  {
    name: "manifest",
    samples: [manifestSample],
    read: (bytes) => [
      decodeManifest(bytes, digest, "manifest.json"),
      readFolderWith("manifest.json", bytes),
    ],
  },
  {
    name: "configuration",
    samples: [
      jsonSample(toyPreset),
      jsonSample(presets["bytes-small"]),
      jsonSample(checkpoint.config),
    ],
    read: readConfiguration,
  },
  {
    name: "JSON",
    samples: [
      jsonSample({ a: [1, -2.5e10, 'x\\"\n', { b: null, "": true }], c: { d: {} } }),
      jsonSample(toyPreset),
    ],
    read: readJson,
  },
  {
    name: "golden cases",
    samples: [jsonSample(golden.description), jsonSample(hfCase)],
    read: (bytes) => readCase(bytes, encode(JSON.stringify(huggingFaceConfig)), goldenTensors),
  },
  {
    name: "golden cases' settings",
    samples: [jsonSample(huggingFaceConfig)],
    read: (bytes) => readCase(encode(JSON.stringify(hfCase)), bytes, goldenTensors),
  },
  {
    name: "golden cases' tensors",
    samples: [tensorsSample(goldenTensors)],
    read: (bytes) => readCase(encode(JSON.stringify(golden.description)), encode("{}"), bytes),
  },
  {
    name: "checkpoint file",
    samples: [tensorsSample(encodeFile(storedOf(checkpoint), writing))],
    read: (bytes) => decodeFile(bytes, digest, trainConfigOf),
  },
  {
    name: "checkpoint folder",
    samples: [tensorsSample(fileOf("state.safetensors")), jsonSample(checkpoint.config)],
    read: (bytes) => [
      readFolderWith("state.safetensors", bytes),
      readFolderWith("config.json", bytes),
    ],
  },
  {
    name: "recorded hashes",
    samples: [{ bytes: hashFile }],
    read: (bytes) => {
      const read = (at: number, length: number) => bytes.subarray(at, at + length);
      const index = indexHashes(read, bytes.length, "f");
      if (E.isLeft(index)) return index;
      const { records, problem } = index.right;
      if (problem) return invalid(problem);
      return records.map(({ record }) => hashesOf(index.right, read, record.step, "f"));
    },
  },
  {
    name: "sentencepiece",
    samples: sentencePieceSamples,
    read: (bytes) => E.map(usedOnce)(readModel(bytes)),
  },
  {
    name: "subwords",
    samples: [
      {
        bytes: encode(
          `'<pad>_'\n'<EOS>_'\n${Array.from("\\_u;0123456789abé").join("\n")}\n'ab_'\n`,
        ),
      },
    ],
    read: (bytes) =>
      E.map(({ encode: idsOf, decode: textOf }: Tokenizer) => textOf(idsOf("ab_ é \\ 9\n")))(
        readSubwords(bytes),
      ),
  },
  { name: "pickle", samples: pickles, read: parsePickle },
  { name: "npy", samples: [npy], read: parseNpy },
  {
    name: "tokenizer.json",
    samples: [jsonSample(tokenizerJson)],
    read: async (bytes) => {
      const { encode: idsOf, decode: textOf } = await loadTokenizer(bytes);
      return textOf(idsOf("ab ba"));
    },
  },
  ...folderTargets,
];
