import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { checkFunction, checkOptions, checkPartsOf } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import type { Tensor } from "../../core/tensor.ts";
import { asJsonObject, isJsonObject, parseJsonBytes, type JsonObject } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import {
  invalid,
  orThrowFrom,
  unlessProblems,
  validateAll,
  within,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import { parse } from "../safetensors/parse.ts";
import { serialize, type SerializeOptions } from "../safetensors/serialize.ts";
import type { HuggingFaceModel } from "./save.ts";
import { tokenizerFiles, tokenizerNames } from "./tokenizer-files.ts";

/** Names of the files in a folder of HuggingFace's. */
const configName = "config.json";
const weightsName = "model.safetensors";
const indexName = "model.safetensors.index.json";

/** The bytes of a file of the folder, or undefined where there is none of this name. */
export type ReadFile = (name: string) => Uint8Array | undefined;

/**
 * Configuration and weights from the files of a folder of HuggingFace's: `config.json` with `model.safetensors`, or with the shards that
 * `model.safetensors.index.json` names. For `fromHuggingFace`.
 *
 * @param read - gives a file by its name; only those that are needed are asked for
 * @throws InputError when it is no Reformer, when a file is missing or damaged, or when index and shards contradict each other
 * @example
 * import { huggingFaceFiles, parseHuggingFaceFiles } from "reformax/interop";
 * const files = huggingFaceFiles({ config: { model_type: "reformer" }, tensors: new Map() });
 * const { config } = parseHuggingFaceFiles((name) => files.get(name));
 * console.log(config); // => { model_type: 'reformer' }
 */
export function parseHuggingFaceFiles(read: ReadFile): HuggingFaceModel {
  const where = "parseHuggingFaceFiles";
  return orThrowFrom(where)(readFiles(checkFunction(read, "read", where)));
}

/** {@link parseHuggingFaceFiles} as a value. */
export const readFiles = (read: ReadFile): Validated<HuggingFaceModel> =>
  pipe(
    readJson(read, configName),
    E.chain(checkModelType),
    E.chain((config) =>
      pipe(
        readWeights(read),
        E.map((tensors) => ({ config, tensors, ...withTokenizer(read) })),
      ),
    ),
  );

function withTokenizer(read: ReadFile): Pick<HuggingFaceModel, "tokenizer"> {
  for (const name of tokenizerNames) {
    const tokenizer = read(name);
    if (tokenizer !== undefined) return { tokenizer };
  }
  return {};
}

/**
 * The files of a folder that HuggingFace's `from_pretrained` reads.
 *
 * @param options - how floats are stored: short ones are rounded
 * @throws InputError for a tokenizer that is damaged, that HuggingFace's Reformers do not read, or that has more ids than the model
 * @example
 * import { huggingFaceFiles } from "reformax/interop";
 * console.log([...huggingFaceFiles({ config: {}, tensors: new Map() }).keys()]); // => [ 'config.json', 'model.safetensors' ]
 */
export function huggingFaceFiles(
  model: HuggingFaceModel,
  options: SerializeOptions = {},
): ReadonlyMap<string, Uint8Array> {
  return filesOf(model, options, "huggingFaceFiles");
}

/** {@link huggingFaceFiles} for a function of another name. */
export function filesOf(
  model: HuggingFaceModel,
  options: SerializeOptions,
  where: string,
): ReadonlyMap<string, Uint8Array> {
  const kinds = { config: "object", tensors: "map", tokenizer: orAbsent("bytes") } as const;
  const { config, tensors, tokenizer } = checkPartsOf(model, kinds, "the model", where);
  checkOptions(options, { floats: ["f32", "bf16", "f16"] }, where);
  const { floats = "f32" } = options;
  const text = JSON.stringify({ ...config, ...typeNames[floats] }, null, 2);
  const besides = tokenizer ? orThrowFrom(where)(tokenizerFiles(tokenizer, config)) : [];
  return new Map([
    [configName, new TextEncoder().encode(`${text}\n`)],
    [weightsName, serialize(tensors, new Map([["format", "pt"]]), options)],
    ...besides,
  ]);
}

const typeNames = {
  f32: {},
  bf16: { torch_dtype: "bfloat16" },
  f16: { torch_dtype: "float16" },
} as const;

function readJson(read: ReadFile, name: string): Validated<JsonObject> {
  const bytes = read(name);
  if (bytes === undefined) return invalid({ where: name, problem: "is missing" });
  return pipe(
    parseJsonBytes(bytes, name),
    E.chain((value) => asJsonObject(value, name)),
  );
}

function checkModelType(config: JsonObject): Validated<JsonObject> {
  const { model_type: type = "reformer" } = config;
  if (type === "reformer") return E.right(config);
  const got = typeof type === "string" ? JSON.stringify(type) : kindOf(type);
  const where = `${configName}: model_type`;
  return invalid({ where, problem: "is another kind of model", expected: '"reformer"', got });
}

function readWeights(read: ReadFile): Validated<ReadonlyMap<string, Tensor>> {
  const single = read(weightsName);
  if (single !== undefined) return parseShard(weightsName, single);
  if (read(indexName) !== undefined) return readShards(read);
  return invalid({
    where: weightsName,
    problem: "is missing",
    expected: `${weightsName}, or ${indexName} with the shards that it names`,
    fix: "Weights of PyTorch (pytorch_model.bin) are not read: save the model with safe_serialization=True.",
  });
}

const parseShard = (name: string, bytes: Uint8Array): Validated<ReadonlyMap<string, Tensor>> =>
  within(`${name}: `)(
    pipe(
      parse(bytes),
      E.map(({ tensors }) => tensors),
    ),
  );

const readShards = (read: ReadFile): Validated<ReadonlyMap<string, Tensor>> =>
  pipe(
    readJson(read, indexName),
    E.chain(placesOf),
    E.chain((places) =>
      pipe(
        validateAll([...new Set(places.values())], (shard) => {
          const bytes = read(shard);
          return bytes === undefined
            ? invalid({ where: shard, problem: `is missing, and ${indexName} names it` })
            : pipe(
                parseShard(shard, bytes),
                E.map((tensors) => [shard, tensors] as const),
              );
        }),
        E.chain((shards) => joinShards(places, new Map(shards))),
      ),
    ),
  );

/** Which shard each tensor is in. A name that leads elsewhere than to the folder itself is refused. */
function placesOf({ weight_map: map }: JsonObject): Validated<ReadonlyMap<string, string>> {
  const where = `${indexName}: weight_map`;
  if (!isJsonObject(map))
    return invalid({ where, problem: "is not an object", got: kindOf(map ?? null) });
  return pipe(
    validateAll(Object.entries(map), ([tensor, shard]): Validated<readonly [string, string]> =>
      typeof shard === "string" && /^[^/\\\0]+\.safetensors$/.test(shard)
        ? E.right([tensor, shard])
        : invalid({
            where: `${where}.${tensor}`,
            problem: "names no file of this folder",
            expected: "a name that ends in .safetensors",
            got: kindOf(shard),
          }),
    ),
    E.map((entries) => new Map(entries)),
  );
}

function joinShards(
  places: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, ReadonlyMap<string, Tensor>>,
): Validated<ReadonlyMap<string, Tensor>> {
  const joined = new Map<string, Tensor>();
  const problems: Problem[] = [];
  for (const [name, shard] of places) {
    const tensor = shards.get(shard)?.get(name);
    if (tensor !== undefined) joined.set(name, tensor);
    else problems.push({ where: `${shard}: tensor ${name}`, problem: "is missing" });
  }
  for (const [shard, tensors] of shards) {
    for (const name of tensors.keys()) {
      if (places.get(name) === shard) continue;
      problems.push({ where: `${shard}: tensor ${name}`, problem: `is not in ${indexName}` });
    }
  }
  return unlessProblems(problems, () => joined);
}
