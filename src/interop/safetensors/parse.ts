import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { checkKind } from "../../core/arguments.ts";
import { isFixed, type DType, type FixedDType } from "../../core/dtype.ts";
import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import {
  invalid,
  orThrowFrom,
  unlessProblems,
  validateAll,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import { readHeader, tensorPlace, type Entry, type Header } from "./header.ts";

/** Tensors by name, and the file's free text pairs. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Metadata key that says which q32 dtype an I32 tensor stands for. */
export const dtypeKey = (name: string): string => `reformax.dtype:${name}`;

/**
 * Reads a safetensors file. Fixed-point tensors come back in their q32 dtype; F16, BF16 and F64 become f32, and
 * integers of other widths i32 (checked to fit).
 *
 * @returns the tensors, or every problem of the first stage that failed: prefix, JSON, entries, layout, elements
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { safetensors } from "reformax/interop";
 * const truncated = safetensors.parse(new Uint8Array([9, 0, 0]));
 * console.log(E.isLeft(truncated) && truncated.left[0].problem); // => the file is truncated
 * @see https://github.com/huggingface/safetensors
 */
export const parse = (bytes: Uint8Array): Validated<Safetensors> =>
  parseFrom(bytes, "safetensors.parse");

const parseFrom = (bytes: Uint8Array, where: string): Validated<Safetensors> =>
  pipe(
    readHeader(checkKind(bytes, "bytes", "the file", where)),
    E.chain((header) =>
      pipe(
        fixedDTypes(header),
        E.chain((fixed) =>
          validateAll(header.entries, (entry) => readTensor(entry, bytes, header, fixed)),
        ),
        E.map((pairs) => ({ tensors: new Map(pairs), metadata: freeMetadata(header) })),
      ),
    ),
  );

/**
 * {@link parse}, throwing.
 *
 * @throws InputError with every problem of the first stage that failed
 * @example
 * import { array } from "reformax/numpy";
 * import { safetensors } from "reformax/interop";
 * import { tensorsOf } from "reformax/training";
 * const bytes = safetensors.serialize(tensorsOf({ w: array([1, 2]) }));
 * console.log(safetensors.parseOrThrow(bytes).tensors.get("w")?.toArray()); // => [ 1, 2 ]
 */
export const parseOrThrow = (bytes: Uint8Array): Safetensors => {
  const where = "safetensors.parseOrThrow";
  return orThrowFrom(where)(parseFrom(bytes, where));
};

const marker = dtypeKey("");

const freeMetadata = ({ metadata }: Header): ReadonlyMap<string, string> =>
  new Map([...metadata].filter(([key]) => !key.startsWith(marker)));

function isFixedDType(text: string): text is FixedDType {
  const bits = /^q32\.(\d|[12]\d|30)$/.test(text);
  return bits && isFixed(text as DType);
}

function fixedDTypes(header: Header): Validated<ReadonlyMap<string, FixedDType>> {
  const problems: Problem[] = [];
  const found = new Map<string, FixedDType>();
  const typeNames = new Map(header.entries.map(({ name, typeName }) => [name, typeName]));
  for (const [key, text] of header.metadata) {
    if (!key.startsWith(marker)) continue;
    const name = key.slice(marker.length);
    const typeName = typeNames.get(name) ?? "no such tensor";
    if (isFixedDType(text) && typeName === "I32") found.set(name, text);
    else {
      const expected = "a q32 dtype for a tensor stored as I32";
      problems.push({
        where: key,
        problem: "wrong dtype note",
        expected,
        got: `${text} for ${typeName}`,
      });
    }
  }
  return unlessProblems(problems, () => found);
}

function readTensor(
  entry: Entry,
  bytes: Uint8Array,
  { dataStart }: Header,
  fixed: ReadonlyMap<string, FixedDType>,
): Validated<readonly [string, Tensor]> {
  const words = entry.type.read(bytes.subarray(dataStart + entry.begin, dataStart + entry.end));
  if (typeof words === "string") {
    const where = tensorPlace(entry.name);
    return invalid({ where, problem: `${entry.typeName} value cannot be held`, got: words });
  }
  const dtype = fixed.get(entry.name) ?? entry.type.dtype;
  return E.right([entry.name, tensorFrom(dtype, entry.shape, words)]);
}
