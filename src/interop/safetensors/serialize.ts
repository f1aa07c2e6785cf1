import { isFixed, type DType, type Words } from "../../core/dtype.ts";
import { checkKind, checkOptions, checkText } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import { tensorKind, type Tensor } from "../../core/tensor.ts";
import { metadataKey, prefixBytes } from "./header.ts";
import { dtypeKey } from "./parse.ts";
import { toBfloat16, toFloat16, type ShortFloat } from "./short-floats.ts";

/** What the file is padded to, so that the tensors begin at a multiple of it. */
const alignment = 8;

export interface SerializeOptions {
  /** What f32 elements are stored as (default: f32). Short ones are rounded to nearest, ties to even; reading gives f32 again. */
  readonly floats?: "f32" | ShortFloat;
}

/** How the elements of a tensor stand in the file. */
interface Stored {
  readonly typeName: string;
  readonly elementSize: number;
  readonly bytes: (tensor: Tensor) => Uint8Array;
}

interface Placed {
  readonly name: string;
  readonly tensor: Tensor;
  readonly stored: Stored;
  readonly begin: number;
  readonly end: number;
}

/**
 * Writes a safetensors file. Equal contents give equal bytes: tensors are ordered by element size (so that each is
 * aligned to its elements) and then by name, metadata by key. q32 tensors are stored as I32, with a note of their
 * dtype in the metadata; bool takes one byte; f32 is stored as `floats` says.
 *
 * @throws ReformaxError when a name is reserved: a tensor `__metadata__`, metadata under `reformax.dtype:`. BackendError
 * when tensors are on a device: give `new Map(await toHost([...tensors]))`
 * @example
 * import { Tensor } from "reformax";
 * import { safetensors } from "reformax/interop";
 * const w = new Tensor({ shape: [2], dtype: "f32", weak: false }, Float32Array.of(1, 2));
 * const bytes = safetensors.serialize(new Map([["w", w]]));
 * console.log(bytes.length % 8, new TextDecoder().decode(bytes.subarray(8, 14))); // => 0 {"w":{
 */
export function serialize(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
  options: SerializeOptions = {},
): Uint8Array {
  checkArguments(tensors, metadata);
  checkOptions(options, { floats: ["f32", "bf16", "f16"] }, where);
  const { floats = "f32" } = options;
  checkNames(tensors, metadata);
  const placed = place(tensors, floats);
  const header = encodeHeader(placed, metadata);
  const dataStart = prefixBytes + header.length;
  const bytes = new Uint8Array(dataStart + (placed.at(-1)?.end ?? 0));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, prefixBytes);
  for (const { tensor, stored, begin } of placed)
    bytes.set(stored.bytes(tensor), dataStart + begin);
  return bytes;
}

const where = "safetensors.serialize";

function checkArguments(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string>,
): void {
  checkKind(tensors, "map", "tensors", where);
  for (const [name, tensor] of tensors) {
    checkText(name, "the name of a tensor", where);
    checkKind(tensor, tensorKind, `the tensor ${JSON.stringify(name)}`, where);
  }
  checkKind(metadata, "map", "metadata", where);
  for (const [key, text] of metadata) {
    checkText(key, "a key of the metadata", where);
    checkText(text, `the metadata ${JSON.stringify(key)}`, where);
  }
}

function checkNames(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string>,
): void {
  const reserved = [...metadata.keys()].find((key) => key.startsWith(dtypeKey("")));
  const got = tensors.has(metadataKey) ? metadataKey : reserved;
  if (got === undefined) return;
  throw new ReformaxError("this name is reserved", {
    where,
    expected: "another name",
    got,
    fix: "The file format and the notes of q32 dtypes use it: choose another name.",
  });
}

function place(
  tensors: ReadonlyMap<string, Tensor>,
  floats: "f32" | ShortFloat,
): readonly Placed[] {
  const sorted = [...tensors]
    .map(([name, tensor]) => ({ name, tensor, stored: storedAs(tensor.dtype, floats) }))
    .sort((a, b) => b.stored.elementSize - a.stored.elementSize || compare(a.name, b.name));
  let end = 0;
  return sorted.map((entry) => {
    const begin = end;
    end += entry.tensor.size * entry.stored.elementSize;
    return { ...entry, begin, end };
  });
}

/** By UTF-16 code units: the same order everywhere, whatever the locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function encodeHeader(
  placed: readonly Placed[],
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  const notes = placed
    .filter(({ tensor }) => isFixed(tensor.dtype))
    .map(({ name, tensor }) => [dtypeKey(name), tensor.dtype] as const);
  const texts = [...metadata, ...notes]
    .sort(([a], [b]) => compare(a, b))
    .map(([key, text]) => [key, JSON.stringify(text)] as const);
  const entries = placed.map(({ name, tensor, stored, begin, end }) => {
    const entry = {
      dtype: stored.typeName,
      shape: tensor.shape,
      data_offsets: [begin, end],
    };
    return [name, JSON.stringify(entry)] as const;
  });
  const head = texts.length > 0 ? [[metadataKey, objectText(texts)] as const] : [];
  const bytes = new TextEncoder().encode(objectText([...head, ...entries]));
  const padded = new Uint8Array(Math.ceil(bytes.length / alignment) * alignment).fill(0x20);
  padded.set(bytes);
  return padded;
}

/** Written by hand because JSON.stringify moves keys that look like integers to the front of an object. */
const objectText = (members: readonly (readonly [string, string])[]): string =>
  `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;

const wordsOf = (tensor: Tensor): Words => tensor.words(where);

const bytesOf = (words: ArrayBufferView): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

const wordsAs = (typeName: string): Stored => ({
  typeName,
  elementSize: 4,
  bytes: (tensor) => bytesOf(wordsOf(tensor)),
});

const halvesAs = (typeName: string, toHalves: (values: Float32Array) => Uint16Array): Stored => ({
  typeName,
  elementSize: 2,
  bytes: (tensor) => bytesOf(toHalves(wordsOf(tensor) as Float32Array)),
});

const f32 = {
  f32: wordsAs("F32"),
  bf16: halvesAs("BF16", toBfloat16),
  f16: halvesAs("F16", toFloat16),
};
const i32 = wordsAs("I32");
const u32 = wordsAs("U32");
const bool: Stored = {
  typeName: "BOOL",
  elementSize: 1,
  bytes: (tensor) => Uint8Array.from(wordsOf(tensor)),
};

const storedAs = (dtype: DType, floats: "f32" | ShortFloat): Stored =>
  dtype === "f32" ? f32[floats] : dtype === "u32" ? u32 : dtype === "bool" ? bool : i32;
