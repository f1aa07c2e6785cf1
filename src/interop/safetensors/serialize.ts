import { isFixed, type DType } from "../../core/dtype.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { metadataKey, prefixBytes } from "./header.ts";
import { dtypeKey } from "./parse.ts";

/** What the file is padded to, so that the tensors begin at a multiple of it. */
const alignment = 8;

interface Placed {
  readonly name: string;
  readonly tensor: Tensor;
  readonly begin: number;
  readonly end: number;
}

/**
 * Writes a safetensors file. Equal contents give equal bytes: tensors are ordered by element size (so that each is
 * aligned to its elements) and then by name, metadata by key. q32 tensors are stored as I32, with a note of their
 * dtype in the metadata; bool takes one byte.
 *
 * @throws ReformaxError when a name is reserved: a tensor `__metadata__`, metadata under `reformax.dtype:`
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
): Uint8Array {
  checkNames(tensors, metadata);
  const placed = place(tensors);
  const header = encodeHeader(placed, metadata);
  const dataStart = prefixBytes + header.length;
  const bytes = new Uint8Array(dataStart + (placed.at(-1)?.end ?? 0));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, prefixBytes);
  for (const { tensor, begin } of placed) bytes.set(elementBytes(tensor), dataStart + begin);
  return bytes;
}

function checkNames(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string>,
): void {
  const reserved = [...metadata.keys()].find((key) => key.startsWith(dtypeKey("")));
  const got = tensors.has(metadataKey) ? metadataKey : reserved;
  if (got === undefined) return;
  throw new ReformaxError("this name is reserved", {
    where: "safetensors.serialize",
    got,
    fix: "The file format and the notes of q32 dtypes use it: choose another name.",
  });
}

function place(tensors: ReadonlyMap<string, Tensor>): readonly Placed[] {
  const sorted = [...tensors].sort(
    ([a, x], [b, y]) => elementSize(y.dtype) - elementSize(x.dtype) || compare(a, b),
  );
  let end = 0;
  return sorted.map(([name, tensor]) => {
    const begin = end;
    end += tensor.size * elementSize(tensor.dtype);
    return { name, tensor, begin, end };
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
  const entries = placed.map(({ name, tensor, begin, end }) => {
    const entry = {
      dtype: typeName(tensor.dtype),
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

const elementSize = (dtype: DType): number => (dtype === "bool" ? 1 : 4);

const typeName = (dtype: DType): string =>
  dtype === "f32" ? "F32" : dtype === "u32" ? "U32" : dtype === "bool" ? "BOOL" : "I32";

function elementBytes(tensor: Tensor): Uint8Array {
  const words = tensor.words();
  if (tensor.dtype === "bool") return Uint8Array.from(words);
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
