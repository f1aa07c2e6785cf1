import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { tensorFrom } from "../../src/core/tensor.ts";
import { parse, serialize } from "../../src/interop/safetensors/index.ts";
import { elementTypes } from "../../src/interop/safetensors/element-types.ts";
import {
  roundSignificands,
  toBfloat16,
  toFloat16,
} from "../../src/interop/safetensors/short-floats.ts";

const formats = [
  { name: "BF16", floats: "bf16", write: toBfloat16, infinite: 0x7f80 },
  { name: "F16", floats: "f16", write: toFloat16, infinite: 0x7c00 },
] as const;

/** All f32 bit patterns are equally likely, so that subnormal numbers, infinities and NaN come, too. */
const anyFloat = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map((word) => new Float32Array(Uint32Array.of(word).buffer)[0]);
/** Those within the range of F16, where rounding has something to do. */
const smallFloat = fc.double({ min: -70000, max: 70000, noNaN: true }).map(Math.fround);
const tinyFloat = fc.double({ min: -1e-4, max: 1e-4, noNaN: true }).map(Math.fround);
const floats = fc.oneof(anyFloat, smallFloat, tinyFloat);

describe.each(formats)("$name", ({ name, floats: stored, write, infinite }) => {
  const read = (halves: Uint16Array): Float32Array => {
    const values = elementTypes.get(name)?.read(new Uint8Array(halves.buffer));
    if (!(values instanceof Float32Array)) throw new Error(`${name} is not read as f32`);
    return values;
  };
  /** Magnitudes in ascending order; the one after the largest finite one stands where it would be if it were finite. */
  const magnitudes = Float64Array.from(
    read(Uint16Array.from({ length: infinite }, (_, bits) => bits)),
  );
  const beyond = 2 * magnitudes[infinite - 1] - magnitudes[infinite - 2];
  const magnitude = (bits: number): number => (bits === infinite ? beyond : magnitudes[bits]);

  test("every value of the short type is written as itself", () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits).filter(
      (bits) => name === "BF16" || (bits & 0x7fff) <= infinite,
    );
    // A NaN needs a payload in its upper bits, which those of a short type have.
    expect(write(read(all))).toEqual(all);
  });

  test("no other value is nearer, and of two equally near ones the even one is taken", () => {
    fc.assert(
      fc.property(floats, (value) => {
        const [bits] = write(Float32Array.of(value));
        const size = bits & 0x7fff;
        if (Number.isNaN(value)) {
          expect(size).toBeGreaterThan(infinite);
          return;
        }
        expect(bits >> 15).toBe(Object.is(Math.sign(value), -0) || value < 0 ? 1 : 0);
        if (Math.abs(value) >= beyond) {
          expect(size).toBe(infinite);
          return;
        }
        const distance = Math.abs(Math.abs(value) - magnitude(size));
        for (const other of [size - 1, size + 1]) {
          if (other < 0 || other > infinite) continue;
          const otherDistance = Math.abs(Math.abs(value) - magnitude(other));
          expect(distance).toBeLessThanOrEqual(otherDistance);
          if (distance === otherDistance) expect(size % 2).toBe(0);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("a file holds f32 tensors in two bytes an element, all others as they are", () => {
    const tensors = new Map([
      ["w", tensorFrom("f32", [3], Float32Array.of(1 + 2 ** -12, -2.5, 0.1))],
      ["n", tensorFrom("i32", [1], Int32Array.of(70001))],
      ["q", tensorFrom("q32.20", [1], Int32Array.of(123457))],
    ]);
    const bytes = serialize(tensors, new Map(), { floats: stored });
    const parsed = parse(bytes);
    if (E.isLeft(parsed)) throw new Error(JSON.stringify(parsed.left));
    const rounded = read(write(Float32Array.of(1 + 2 ** -12, -2.5, 0.1)));
    expect(parsed.right.tensors.get("w")?.words()).toEqual(rounded);
    expect(parsed.right.tensors.get("n")?.toArray()).toEqual([70001]);
    expect(parsed.right.tensors.get("q")?.words()).toEqual(Int32Array.of(123457));
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(bytes.length).toBe(8 + header + 4 + 4 + 6);
  });
});

test("known roundings", () => {
  const f = (...values: number[]) => Float32Array.of(...values);
  expect([...toFloat16(f(65504, 65519.99, 65520, -1e9, 2 ** -25, 1.5 * 2 ** -25, -0))]).toEqual([
    0x7bff, 0x7bff, 0x7c00, 0xfc00, 0, 1, 0x8000,
  ]);
  expect([...toBfloat16(f(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 3.4e38))]).toEqual([
    0x3f80, 0x3f82, 0x3f81, 0x7f80,
  ]);
});

test("rounded to fewer significant bits, a number is the nearest one that has no more of them", () => {
  const places = fc.integer({ min: 1, max: 24 });
  fc.assert(
    fc.property(floats, places, (value, bits) => {
      const [rounded] = roundSignificands(Float32Array.of(value), bits);
      const size = Math.abs(value);
      if (!(size >= 2 ** -126 && size < Infinity)) {
        if (!(size > 0)) expect(rounded).toBe(value);
        return;
      }
      // The distance of neighbours that have so many bits, by the power of two below.
      const unit = 2 ** (Math.floor(Math.log2(size)) - bits + 1);
      const quotient = size / unit;
      const below = Math.floor(quotient);
      const up = quotient - below > 0.5 || (quotient - below === 0.5 && below % 2 === 1);
      expect(rounded).toBe(Math.sign(value) * Math.fround((below + Number(up)) * unit));
    }),
    { numRuns: 5000 },
  );
});

test("eight significant bits are those of BF16, and 24 are all", () => {
  fc.assert(
    fc.property(fc.array(floats), (list) => {
      const values = Float32Array.from(list.filter((value) => Number.isFinite(value)));
      expect(toBfloat16(roundSignificands(values, 8))).toEqual(toBfloat16(values));
      expect(roundSignificands(values, 24)).toEqual(values);
    }),
  );
});
