import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { fixedDType, wordsOf, type DType } from "../../src/core/dtype.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { formatProblem } from "../../src/edge/problem.ts";
import { parse, serialize } from "../../src/interop/safetensors/index.ts";

const dtypes = fc.constantFrom<DType>("f32", "i32", "u32", "bool", fixedDType(20), fixedDType(3));
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

const tensors: fc.Arbitrary<Tensor> = fc.tuple(dtypes, shapes).chain(([dtype, shape]) => {
  const size = sizeOf(shape);
  const element = dtype === "bool" ? fc.integer({ min: 0, max: 1 }) : fc.integer();
  return fc.array(element, { minLength: size, maxLength: size }).map((bits) => {
    const words = wordsOf(dtype, Int32Array.from(bits).buffer);
    return tensorFrom(dtype, shape, words);
  });
});

const names = fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__");
const maps = fc.array(fc.tuple(names, tensors), { maxLength: 5 }).map((pairs) => new Map(pairs));
const metadata = fc
  .array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 })
  .map((p) => new Map(p));

/** Bits, so that NaN payloads and signed zeros count. */
const bits = (tensor: Tensor): number[] => {
  const words = tensor.words();
  return [...new Int32Array(words.buffer, words.byteOffset, words.length)];
};

const plain = (map: ReadonlyMap<string, Tensor>) =>
  new Map(
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, t]) => [k, [t.dtype, t.shape, bits(t)]]),
  );

const get = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const complaints = (bytes: Uint8Array): string[] => {
  const parsed = parse(bytes);
  return E.isLeft(parsed) ? parsed.left.map(formatProblem) : [];
};

/** A file with the given header text and number of data bytes. */
function fileOf(header: string | Uint8Array, data: number | Uint8Array = 0): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const tail = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + text.length + tail.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(tail, 8 + text.length);
  return bytes;
}

const one = (dtype: string, shape: number[], bytes: Uint8Array | number): Uint8Array => {
  const length = typeof bytes === "number" ? bytes : bytes.length;
  return fileOf(
    `{"t":{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[0,${length}]}}`,
    bytes,
  );
};

describe("round trip", () => {
  test("every tensor comes back bit for bit, in its dtype, with the metadata", () => {
    fc.assert(
      fc.property(maps, metadata, (map, texts) => {
        const read = get(parse(serialize(map, texts)));
        expect(plain(read.tensors)).toEqual(plain(map));
        expect(read.metadata).toEqual(texts);
      }),
    );
  });

  // In time that grows with the square this would take longer than a test may.
  test("40,000 tensors", () => {
    const many = new Map(
      Array.from({ length: 40_000 }, (_, i) => [`t${i}`, tensorFrom("i32", [], Int32Array.of(i))]),
    );
    const read = get(parse(serialize(many))).tensors;
    expect([read.size, read.get("t39999")?.item()]).toEqual([40_000, 39_999]);
  });

  test("equal contents give equal bytes, in whatever order they came", () => {
    fc.assert(
      fc.property(maps, metadata, (map, texts) => {
        const reversed = serialize(new Map([...map].reverse()), new Map([...texts].reverse()));
        expect(reversed).toEqual(serialize(map, texts));
      }),
    );
  });

  test("the data is aligned to 8 bytes and each tensor to its elements", () => {
    const bytes = serialize(
      new Map([
        ["a", tensorFrom("bool", [1], Int32Array.of(1))],
        ["b", tensorFrom("f32", [1], Float32Array.of(2))],
      ]),
    );
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(header % 8).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + header)).trimEnd()).toBe(
      '{"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"BOOL","shape":[1],"data_offsets":[4,5]}}',
    );
  });

  test("parsing works at any alignment of the file in memory", () => {
    const bytes = serialize(new Map([["x", tensorFrom("f32", [2], Float32Array.of(1.5, -2))]]));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(
      get(parse(shifted.subarray(3)))
        .tensors.get("x")
        ?.toArray(),
    ).toEqual([1.5, -2]);
  });

  test("reserved names are refused", () => {
    const x = tensorFrom("f32", [], Float32Array.of(1));
    expect(() => serialize(new Map([["__metadata__", x]]))).toThrow(/reserved/);
    expect(() => serialize(new Map(), new Map([["reformax.dtype:x", "q32.2"]]))).toThrow(
      /reserved/,
    );
  });
});

describe("element types of other writers", () => {
  const elements = (dtype: string, count: number, bytes: Uint8Array) =>
    get(parse(one(dtype, [count], bytes)))
      .tensors.get("t")
      ?.toArray();
  const bytesOf = (array: ArrayBufferView) =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

  test("F16 is exact over its whole range", () => {
    const halves = Uint16Array.of(
      0x3c00,
      0xc000,
      0x0001,
      0x03ff,
      0x7bff,
      0x7c00,
      0xfc00,
      0x8000,
      0x7e00,
    );
    const expected = [1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, Infinity, -Infinity, -0, NaN];
    expect(elements("F16", 9, bytesOf(halves))).toEqual(expected);
  });

  test("BF16 is the upper half of f32", () => {
    expect(elements("BF16", 3, bytesOf(Uint16Array.of(0x3f80, 0xc000, 0x7f80)))).toEqual([
      1,
      -2,
      Infinity,
    ]);
  });

  test("integers widen, 64-bit ones are checked", () => {
    expect(elements("I8", 2, bytesOf(Int8Array.of(-128, 127)))).toEqual([-128, 127]);
    expect(elements("U8", 2, Uint8Array.of(0, 255))).toEqual([0, 255]);
    expect(elements("I16", 2, bytesOf(Int16Array.of(-32768, 32767)))).toEqual([-32768, 32767]);
    expect(elements("U16", 1, bytesOf(Uint16Array.of(65535)))).toEqual([65535]);
    expect(elements("F64", 2, bytesOf(Float64Array.of(0.1, -3)))).toEqual([Math.fround(0.1), -3]);
    expect(elements("I64", 2, bytesOf(BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n)))).toEqual([
      -(2 ** 31),
      2 ** 31 - 1,
    ]);
    const tooLarge = one("I64", [2], bytesOf(BigInt64Array.of(1n, 2n ** 31n)));
    expect(complaints(tooLarge)).toEqual([
      'tensor "t": I64 value cannot be held: got element 1 is 2147483648, outside int32',
    ]);
    const unsigned = one("U64", [1], bytesOf(BigUint64Array.of(2n ** 64n - 1n)));
    expect(complaints(unsigned)[0]).toMatch(/outside int32/);
    expect(complaints(one("BOOL", [2], Uint8Array.of(1, 2)))[0]).toMatch(
      /element 1 is 2, not 0 or 1/,
    );
  });
});

describe("malformed files", () => {
  const f32 = (begin: number, end: number) =>
    `{"dtype":"F32","shape":[1],"data_offsets":[${begin},${end}]}`;
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /truncated/],
    [
      "cut inside the prefix",
      Uint8Array.of(1, 2, 3),
      /truncated: expected at least 8 bytes, got 3/,
    ],
    ["header behind the end", fileOf("{}").subarray(0, 9), /truncated inside its header/],
    ["oversize header", Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 123), /too long.*100000000 bytes/],
    ["largest header", new Uint8Array(9).fill(255), /too long/],
    ["not UTF-8", fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), /UTF-8/],
    ["not JSON", fileOf("{oops}"), /not valid JSON/],
    ["not an object", fileOf("[]"), /not a JSON object: expected an object, got a list/],
    [
      "duplicate tensor",
      fileOf(`{"a":${f32(0, 4)},"\\u0061":${f32(4, 8)}}`, 8),
      /stands twice.*"a"/,
    ],
    [
      "duplicate key",
      fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4),
      /twice/,
    ],
    ...["[4503599627370496,0]", "[0,65536,65536]", "[2147483648,0]"].map(
      (shape): [string, Uint8Array, RegExp] => [
        `the sizes ${shape}`,
        fileOf(`{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,0]}}`),
        /tensor "a": too large/,
      ],
    ),
    ["entry not an object", fileOf('{"a":3}'), /tensor "a": is not an object: got 3/],
    ["missing key", fileOf('{"a":{"dtype":"F32","shape":[1]}}'), /wrong keys/],
    [
      "extra key",
      fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1}}', 4),
      /wrong keys/,
    ],
    ["unknown dtype", one("F8_E4M3", [1], 1), /unknown dtype.*F8_E4M3/],
    ["negative size", one("F32", [-1], 4), /wrong shape/],
    ["fractional size", one("F32", [1.5], 4), /wrong shape/],
    ["too few bytes for the shape", one("F32", [3], 8), /expected 12 for F32\[3\], got 8/],
    ["descending offsets", fileOf(`{"a":${f32(4, 0)}}`, 4), /wrong data_offsets/],
    ["overlap", fileOf(`{"a":${f32(0, 4)},"b":${f32(2, 6)}}`, 6), /tensor "b": overlaps/],
    ["same bytes twice", fileOf(`{"a":${f32(0, 4)},"b":${f32(0, 4)}}`, 4), /overlaps/],
    ["gap", fileOf(`{"a":${f32(0, 4)},"b":${f32(8, 12)}}`, 12), /tensor "b": leaves a gap/],
    ["late start", fileOf(`{"a":${f32(4, 8)}}`, 8), /gap/],
    [
      "truncated data",
      fileOf(`{"a":${f32(0, 4)}}`, 3),
      /data: the file is truncated: expected 4 bytes, got 3/,
    ],
    ["trailing bytes", fileOf(`{"a":${f32(0, 4)}}`, 5), /bytes after the last tensor/],
    ["metadata of numbers", fileOf('{"__metadata__":{"a":1}}'), /__metadata__.a: is not a string/],
    ["metadata not an object", fileOf('{"__metadata__":"a"}'), /not an object of strings/],
    [
      "wrong dtype note",
      fileOf('{"__metadata__":{"reformax.dtype:a":"q32.20"}}'),
      /no such tensor/,
    ],
    [
      "impossible q32",
      fileOf(`{"__metadata__":{"reformax.dtype:a":"q32.31"},"a":${f32(0, 4)}}`, 4),
      /q32.31/,
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    const found = complaints(bytes);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).toMatch(message);
  });

  test("all problems are reported, not only the first", () => {
    const bad =
      '{"a":{"dtype":"X","shape":[-1],"data_offsets":[3,1]},"b":4,"__metadata__":{"c":5}}';
    expect(complaints(fileOf(bad))).toHaveLength(5);
  });

  test("every truncation is found", () => {
    fc.assert(
      fc.property(
        maps,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (map, at) => {
          const bytes = serialize(map);
          expect(complaints(bytes.subarray(0, Math.floor(at * bytes.length)))).not.toEqual([]);
        },
      ),
    );
  });

  test("any bytes are either read or refused with a message, never an exception", () => {
    fc.assert(
      fc.property(maps, fc.nat(), fc.integer({ min: 1, max: 255 }), (map, at, flip) => {
        const bytes = serialize(map);
        bytes[at % bytes.length] ^= flip;
        const parsed = parse(bytes);
        if (E.isLeft(parsed)) expect(parsed.left.map(formatProblem).join("")).not.toBe("");
      }),
    );
  });
});
