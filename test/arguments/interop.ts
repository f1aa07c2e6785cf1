import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tensor } from "reformax";
import { bytesPlusTwo, fromHuggingFace, huggingFaceFiles, safetensors } from "reformax/interop";
import type { JsonObject } from "../../src/edge/json.ts";
import { allWeights } from "../../src/interop/huggingface/weights.ts";
import { huggingFaceConfig } from "../fuzz/hugging-face-config.ts";
import { smallOptions, smallWeights } from "../interop/small-lucidrains.ts";
import { echo, smallCase } from "../verify/small-case.ts";
import { call, returning, type Table } from "./check.ts";
import {
  anything,
  besides,
  bytes,
  callbacks,
  count,
  optional,
  options,
  path,
  record,
  text,
  type Argument,
} from "./kinds.ts";

const tensor = (shape: readonly number[]): Tensor => {
  const size = shape.reduce((product, n) => product * n, 1);
  return new Tensor({ dtype: "f32", shape, weak: false }, new Float32Array(size));
};
const w = tensor([2]);
const file = safetensors.serialize(new Map([["w", w]]));
const weights = Object.fromEntries(
  [...allWeights("tokens", huggingFaceConfig)].map(([name, shape]) => [name, tensor(shape)]),
);
const [first] = Object.keys(weights);
const infinite = tensor(weights[first].shape);
infinite.words()[0] = Infinity;

const vocabulary = new TextEncoder().encode(
  JSON.stringify({ model: { type: "BPE", vocab: { "?": 0 }, merges: [] } }),
);

const model = {
  config: huggingFaceConfig,
  tensors: new Map(Object.entries(weights)),
  tokenizer: vocabulary,
};
const badModels = {
  null: null,
  text: "w",
  "without tensors": { config: {} },
  "a tokenizer's name": { ...model, tokenizer: "bytes+2" },
  "no tokenizer": { ...model, tokenizer: new Uint8Array(3) },
  "a tokenizer of trax'": { ...model, tokenizer: new TextEncoder().encode("'<pad>_'\n'\\_'\n") },
};
const files = huggingFaceFiles(model);
const loaded = fromHuggingFace(huggingFaceConfig, weights);
const readFrom = (all: ReadonlyMap<string, Uint8Array>) => (name: string) => all.get(name);

/** Arrays by name, and what is passed in their place by mistake: also the name of their file. */
const arraysBesides = (name: string, good: object, file: string, bad: object): Argument =>
  besides(anything(name, good), {
    undefined: undefined,
    null: null,
    text: file,
    number: 1,
    list: [w],
    none: {},
    ...bad,
  });

const stateDict = Object.fromEntries(smallWeights().trained);
const lucidrainsCall = call(
  besides(record("options", smallOptions), {
    list: [],
    "an unknown one": { ...smallOptions, x: 1 },
  }),
  arraysBesides("tensors", stateDict, "model.safetensors", {
    "a text in it": { ...stateDict, "norm.weight": "w" },
    "another shape": { ...stateDict, "norm.weight": w },
  }),
);

const bareWeights = Object.fromEntries(
  Object.entries(stateDict).filter(([name]) => name.startsWith("reformer.")),
);
const { dim, depth, heads, dim_head, bucket_size, causal } = smallOptions;
const stackCall = call(
  besides(record("options", { dim, depth, heads, dim_head, bucket_size, causal }), {
    list: [],
    "one of a language model": { dim, depth, num_tokens: 5 },
  }),
  arraysBesides("tensors", bareWeights, "model.safetensors", {
    "another shape": { ...bareWeights, "reformer.layers.blocks.0.f.net.norm.weight": w },
  }),
);

const decoderWeights = Object.entries(stateDict).map(([name, one]) => [`dec.net.${name}`, one]);
const encoderWeights = Object.entries(stateDict)
  .filter(([name]) => !name.startsWith("out."))
  .map(([name, one]) => [`enc.net.${name}`, one]);
const pairWeights = Object.fromEntries([...encoderWeights, ...decoderWeights]) as typeof stateDict;
const { dim: _dim, causal: _causal, ...ofBoth } = smallOptions;
const pairOptions = Object.fromEntries([
  ["dim", dim],
  ...Object.entries(ofBoth).flatMap(([name, value]) => [
    [`enc_${name}`, value],
    [`dec_${name}`, value],
  ]),
]) as JsonObject;
const pairCall = call(
  besides(record("options", pairOptions), {
    list: [],
    "an unknown one": { ...pairOptions, x: 1 },
    "models that are not alike": { ...pairOptions, enc_heads: 4 },
  }),
  arraysBesides("tensors", pairWeights, "model.safetensors", {
    "another shape": { ...pairWeights, "enc.net.norm.weight": w },
  }),
);

const traxOptions = {
  vocab_size: 3,
  d_model: 2,
  d_ff: 1,
  d_attention_key: 1,
  d_attention_value: 1,
  n_heads: 1,
  n_layers: 1,
  pos_type: "no",
};
const traxShapes = [[3, 2], [2], [2], [1, 2, 1], [1, 2, 1], [1, 2, 1], [1, 1, 2], [2], [2]];
const traxWeights = Object.fromEntries(
  [...traxShapes, [2, 1], [1], [1, 2], [2], [4], [4], [4, 3], [3]].map((shape, i) => [
    `flat_weights.${i}`,
    tensor(shape),
  ]),
);
const traxCall = call(
  besides(record("options", traxOptions), {
    list: [],
    "an unknown one": { ...traxOptions, x: 1 },
  }),
  arraysBesides("arrays", traxWeights, "model.pkl.gz", {
    "a text in it": { ...traxWeights, "flat_weights.1": "w" },
    "an object in it": { ...traxWeights, "flat_weights.1": {} },
    "another shape": { ...traxWeights, "flat_weights.0": w },
    "one too many": { ...traxWeights, "flat_weights.17": w },
  }),
);

const npyHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }";
const npy = new Uint8Array([
  0x93,
  ...new TextEncoder().encode("NUMPY"),
  1,
  0,
  npyHeader.length,
  0,
  ...new TextEncoder().encode(npyHeader),
]);

const emptyPickle = new Uint8Array([0x80, 2, 0x7d, 0x2e]);

export const table: Table = {
  formatProblem: call(
    besides(record("problem", { where: "w", problem: "is missing" }), {
      "where of another kind": { where: 1, problem: "is missing" },
      "fix of another kind": { where: "w", problem: "is missing", fix: 1 },
    }),
  ),
  fromHuggingFace: call(
    besides(record("config", huggingFaceConfig), { list: [] }),
    arraysBesides("tensors", weights, "model.safetensors", {
      bytes: file,
      "a text in it": { ...weights, [first]: "w" },
      "undefined in it": { ...weights, [first]: undefined },
      "another shape": { ...weights, [first]: w },
      "infinity in it": { ...weights, [first]: infinite },
    }),
    besides(options({ head: "tokens" }), { "unknown head": { head: "masked" } }),
  ),
  fromLucidrains: lucidrainsCall,
  fromLucidrainsOrThrow: lucidrainsCall,
  fromLucidrainsEncoderDecoder: pairCall,
  fromLucidrainsEncoderDecoderOrThrow: pairCall,
  fromLucidrainsStack: stackCall,
  fromLucidrainsStackOrThrow: stackCall,
  fromTrax: traxCall,
  fromTraxOrThrow: traxCall,
  readNpy: call(bytes("bytes", npy)),
  readNpyOrThrow: call(besides(bytes("bytes", npy), { "no array": new Uint8Array(3) })),
  readPickle: call(bytes("bytes", emptyPickle)),
  readPickleOrThrow: call(besides(bytes("bytes", emptyPickle), { "no pickle": new Uint8Array(3) })),
  toHuggingFace: call(
    besides(record("config", loaded.config), { list: [] }),
    besides(anything("params", loaded.params), { none: {}, number: 1, array: w }),
    besides(options({ head: "tokens" }), { "unknown head": { head: "masked" } }),
  ),
  huggingFaceFiles: call(
    besides(anything("model", model), badModels),
    besides(options({ floats: "bf16" }), { "unknown floats": { floats: "f8" } }),
  ),
  loadTokenizer: returning(
    call(besides(bytes("file", vocabulary), { "no tokenizer": new Uint8Array(9) })),
    {
      encode: call(text("text", "a")),
      decode: call(
        besides(anything("ids", [0]), {
          text: "0",
          number: 0,
          null: null,
          "a text in it": ["0"],
          "undefined in it": [undefined],
          negative: [-1],
          half: [0.5],
        }),
      ),
    },
  ),
  tokenDecoder: returning(
    call(
      besides(anything("tokenizer", bytesPlusTwo), { null: null, text: "a", none: {} }),
      optional(besides(anything("before", [2]), { text: "0", number: 0, null: null, half: [0.5] })),
    ),
    { push: call(count("id", 100)), end: call() },
  ),
  parseHuggingFaceFiles: call(
    besides(anything("read", readFrom(files)), {
      undefined: undefined,
      object: {},
    }),
  ),
};

const map = (
  name: string,
  good: ReadonlyMap<unknown, unknown>,
  bad: object,
): ReturnType<typeof anything> =>
  besides(anything(name, good), {
    null: null,
    text: "w",
    number: 1,
    object: Object.fromEntries(good),
    list: [...good],
    ...bad,
  });

/** `safetensors`, which reformax/interop exports as one. */
export const safetensorsTable: Table = {
  parse: call(bytes("bytes", file)),
  parseOrThrow: call(
    besides(bytes("bytes", file), {
      "no file": new Uint8Array(3),
      "a file cut short": file.subarray(0, 20),
    }),
  ),
  serialize: call(
    map("tensors", new Map([["w", w]]), {
      undefined: undefined,
      "numbers in it": new Map([["w", 1]]),
      "lists in it": new Map([["w", [1, 2]]]),
      "a name that is none": new Map([[1, w]]),
      "a reserved name": new Map([["__metadata__", w]]),
    }),
    optional(
      map("metadata", new Map([["a", "b"]]), {
        "numbers in it": new Map([["a", 1]]),
        "a reserved name": new Map([["reformax.dtype:w", "q32.20"]]),
      }),
    ),
    besides(options({ floats: "bf16" }), { "unknown floats": { floats: "f8" } }),
  ),
};

const folder = mkdtempSync(join(tmpdir(), "arguments-"));
const golden = smallCase();
writeFileSync(join(folder, "io.json"), JSON.stringify(golden.description));
writeFileSync(join(folder, "io.safetensors"), safetensors.serialize(golden.tensors));
const hf = join(folder, "hf");
mkdirSync(hf);
for (const [name, bytes] of files) writeFileSync(join(hf, name), bytes);
process.on("exit", () => rmSync(folder, { recursive: true }));

const runner = echo();

/** What it has for Node. */
export const nodeTable: Table = {
  readCase: call(path("folder", folder), text("name", "a")),
  readCaseOrThrow: call(
    besides(path("folder", folder), { "a folder without a case": tmpdir() }),
    text("name", "a"),
  ),
  loadHuggingFace: call(
    path("folder", hf),
    besides(options({ head: "tokens" }), { "unknown head": { head: "masked" } }),
  ),
  saveHuggingFace: call(
    path("folder", join(folder, "saved")),
    besides(anything("model", model), badModels),
    besides(options({ floats: "bf16" }), { "unknown floats": { floats: "f8" } }),
  ),
  verifyFolder: call(
    besides(path("folder", folder), { "no folder": join(folder, "io.json") }),
    besides(callbacks("runners", [runner]), {
      function: () => 1,
      "no list": runner,
      "not runners": [{}],
      "a runner of no kinds": [{ ...runner, kinds: "hf" }],
      "a runner without features": [{ ...runner, features: [] }],
    }),
  ),
};
