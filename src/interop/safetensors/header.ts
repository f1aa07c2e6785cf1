import { sequenceS } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isShape } from "../../core/shape.ts";
import {
  asJsonObject,
  isJsonObject,
  parseJsonBytes,
  type Json,
  type JsonObject,
} from "../../edge/json.ts";
import { kindOf, shorten } from "../../edge/kind-of.ts";
import {
  invalid,
  unlessProblems,
  validateAll,
  validation,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import { elementTypes, type ElementType } from "./element-types.ts";

/** The reference implementation's limit: a longer header is an attack or a mistake. */
export const maxHeaderBytes = 100_000_000;

/** Bytes before the header: its length as a little-endian uint64. */
export const prefixBytes = 8;

export const metadataKey = "__metadata__";

/** One tensor of the header. Offsets count from the end of the header. */
export interface Entry {
  readonly name: string;
  readonly type: ElementType;
  /** The name of the element type in the file. */
  readonly typeName: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the tensors' bytes begin in the file. */
  readonly dataStart: number;
}

/** Reads and checks the header: everything but the elements themselves. */
export const readHeader = (bytes: Uint8Array): Validated<Header> =>
  pipe(
    headerEnd(bytes),
    E.chain((dataStart) =>
      pipe(
        parseJsonBytes(bytes.subarray(prefixBytes, dataStart), "header"),
        E.chain((value) => asJsonObject(value, "header")),
        E.chain((object) => headerFrom(object, dataStart)),
        E.chain((header) => checkLayout(header, bytes.length - dataStart)),
      ),
    ),
  );

function headerEnd(bytes: Uint8Array): Validated<number> {
  if (bytes.length < prefixBytes) {
    return invalid({
      where: "header",
      problem: "the file is truncated",
      expected: `at least ${prefixBytes} bytes`,
      got: `${bytes.length}`,
    });
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    return invalid({
      where: "header",
      problem: "the header is too long: this is not a safetensors file, or it is corrupt",
      expected: `at most ${maxHeaderBytes} bytes`,
      got: `${length}`,
    });
  }
  const end = prefixBytes + Number(length);
  if (end > bytes.length) {
    return invalid({
      where: "header",
      problem: "the file is truncated inside its header",
      expected: `at least ${end} bytes`,
      got: `${bytes.length}`,
    });
  }
  return E.right(end);
}

const headerFrom = (object: JsonObject, dataStart: number): Validated<Header> =>
  pipe(
    sequenceS(validation)({
      entries: validateAll(
        Object.entries(object).filter(([name]) => name !== metadataKey),
        ([name, value]) => entryFrom(name, value),
      ),
      metadata: metadataFrom(object[metadataKey]),
    }),
    E.map((parts) => ({ ...parts, dataStart })),
  );

function metadataFrom(value: Json | undefined): Validated<ReadonlyMap<string, string>> {
  if (value === undefined) return E.right(new Map());
  if (!isJsonObject(value)) {
    return invalid({
      where: metadataKey,
      problem: "is not an object of strings",
      got: kindOf(value),
    });
  }
  return pipe(
    validateAll(Object.entries(value), ([key, text]): Validated<readonly [string, string]> =>
      typeof text === "string"
        ? E.right([key, text])
        : invalid({
            where: `${metadataKey}.${key}`,
            problem: "is not a string",
            got: kindOf(text),
          }),
    ),
    E.map((pairs) => new Map(pairs)),
  );
}

/** More than NumPy's 64 there are nowhere. */
const mostAxes = 64;

const entryKeys = ["data_offsets", "dtype", "shape"];

function entryFrom(name: string, value: Json): Validated<Entry> {
  const where = tensorPlace(name);
  if (!isJsonObject(value))
    return invalid({ where, problem: "is not an object", got: kindOf(value) });
  const { dtype, shape, data_offsets: offsets } = value;
  const keys = Object.keys(value).sort();
  const typeName = typeof dtype === "string" ? dtype : kindOf(dtype);
  const type = elementTypes.get(typeName);
  const problems: Problem[] = [];
  if (keys.join() !== entryKeys.join()) {
    const got = shorten(keys.join());
    problems.push({ where, problem: "wrong keys", expected: entryKeys.join(), got });
  }
  if (type === undefined) {
    const known = [...elementTypes.keys()].join(" ");
    problems.push({
      where,
      problem: "unknown dtype",
      expected: `one of ${known}`,
      got: shorten(typeName),
    });
  }
  if (!isSizes(shape)) {
    problems.push({
      where,
      problem: "wrong shape",
      expected: `a list of at most ${mostAxes} sizes`,
      got: shown(shape),
    });
  }
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    const expected = "two ascending byte offsets";
    problems.push({ where, problem: "wrong data_offsets", expected, got: shown(offsets) });
  } else if (type !== undefined && isSizes(shape)) {
    const bytes = shape.reduce((product, n) => product * n, type.bytes);
    const got = offsets[1] - offsets[0];
    if (bytes !== got) {
      const expected = `${bytes} for ${typeName}[${shape.join()}]`;
      problems.push({ where, problem: "wrong number of bytes", expected, got: String(got) });
    } else if (!isShape(shape)) {
      const expected = "sizes, but for those of 0, whose product is below 2^31";
      problems.push({ where, problem: "too large", expected, got: `[${shape.join()}]` });
    }
  }
  return unlessProblems(problems, () => ({
    name,
    type: type as ElementType,
    typeName,
    shape: shape as readonly number[],
    begin: (offsets as readonly number[])[0],
    end: (offsets as readonly number[])[1],
  }));
}

/** Zero below zero is none: a size is written into shapes and texts. */
const isCounts = (value: Json | undefined): value is readonly number[] =>
  Array.isArray(value) &&
  value.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0));

const isSizes = (value: Json | undefined): value is readonly number[] =>
  isCounts(value) && value.length <= mostAxes;

export const tensorPlace = (name: string): string => `tensor ${kindOf(name)}`;

const shown = (value: Json | undefined): string => shorten(JSON.stringify(value) ?? kindOf(value));

/** The tensors must tile the rest of the file: no gap, no overlap, nothing behind the last one. */
function checkLayout(header: Header, dataBytes: number): Validated<Header> {
  const sorted = [...header.entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  const problems: Problem[] = [];
  let end = 0;
  for (const entry of sorted) {
    if (entry.begin !== end) {
      problems.push({
        where: tensorPlace(entry.name),
        problem: entry.begin < end ? "overlaps the tensor before it" : "leaves a gap before it",
        expected: `data from byte ${end}`,
        got: String(entry.begin),
      });
    }
    end = Math.max(end, entry.end);
  }
  if (end !== dataBytes) {
    const problem = end > dataBytes ? "the file is truncated" : "bytes after the last tensor";
    problems.push({ where: "data", problem, expected: `${end} bytes`, got: String(dataBytes) });
  }
  return unlessProblems(problems, () => header);
}
