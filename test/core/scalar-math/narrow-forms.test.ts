/** The f32 forms of what machines with f64 compute in f64, against float64 and integers. */
import { describe, expect, it } from "vitest";
import { cos, numberLanes, pow, powWide, sin } from "../../../src/core/scalar-math/index.ts";
import { ulpError, uniforms } from "../../ir/scalar/oracle.ts";
import { flushingLanes } from "../../support/flushing-lanes.ts";
import { pi } from "./pi.ts";

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);
const fromBits = (bits: number): number => {
  words[0] = bits;
  return floats[0];
};

class Worst {
  #error = 0;
  #at: readonly number[] = [];

  /** NaN errors count as the largest. */
  add(error: number, ...at: readonly number[]): void {
    if (!(error <= this.#error)) [this.#error, this.#at] = [error, at];
  }

  within(bound: number, what: string): void {
    console.log(`${what}: max ${this.#error.toFixed(3)} ulp at ${this.#at.join(", ")}`);
    expect(this.#error).toBeLessThanOrEqual(bound);
  }
}

/** Numbers of every exponent: one pattern of bits in so many. */
function* strided(stride = 40_009): Generator<number> {
  for (let bits = 0; bits < 0x7f800000; bits += stride) yield fromBits(bits);
}

/** Neighbours of the first multiples of pi / 2. */
function* nearSmallMultiples(): Generator<number> {
  for (let k = 1; k < 8000; k++) {
    floats[0] = (k * Math.PI) / 2;
    const middle = words[0];
    for (let d = -1; d <= 1; d++) yield fromBits(middle + d);
  }
}

/**
 * For every exponent from 1/2 on, the mantissas m that come nearest to multiples of pi / 2: the denominators below 2^24
 * of the continued fraction of 2^e 2 / pi, and their multiples.
 */
function* nearestToMultiples(): Generator<number> {
  const bits = 400n;
  const twoOverPi = (2n << (2n * bits)) / pi(bits);
  for (let exponent = -24; exponent <= 104; exponent++) {
    const scaled = exponent < 0 ? twoOverPi >> BigInt(-exponent) : twoOverPi << BigInt(exponent);
    for (const q of denominators(scaled, 1n << bits, 1n << 24n)) {
      const most = Math.floor((2 ** 24 - 1) / Number(q));
      for (const k of [most, most - 1, most - 2]) {
        const mantissa = k * Number(q);
        if (mantissa >= 2 ** 23) yield mantissa * 2 ** exponent;
      }
    }
  }
}

/** Denominators below `limit` of the convergents of a / b. */
function* denominators(a: bigint, b: bigint, limit: bigint): Generator<bigint> {
  let [before, q] = [1n, 0n];
  while (b !== 0n) {
    [before, q] = [q, (a / b) * q + before];
    if (q >= limit) return;
    if (q > 0n) yield q;
    [a, b] = [b, a % b];
  }
}

describe("sin and cos without f64", () => {
  const functions = [
    ["sin", sin, Math.sin],
    ["cos", cos, Math.cos],
  ] as const;
  const samples = [
    ["any finite number", strided],
    ["neighbours of multiples of pi / 2", nearSmallMultiples],
    ["the numbers nearest to multiples of pi / 2", nearestToMultiples],
  ] as const;

  for (const [name, f, exact] of functions) {
    for (const [title, numbers] of samples) {
      it(`${name} is within 1.1 ulp of ${title}`, () => {
        const worst = new Worst();
        let count = 0;
        for (const x of numbers()) {
          count++;
          worst.add(ulpError(f(numberLanes, x), exact(x)), x);
        }
        expect(count).toBeGreaterThan(1000);
        worst.within(1.1, name);
      });
    }

    it(`${name} is ${name === "sin" ? "odd" : "even"}, NaN at infinities and NaN`, () => {
      const random = uniforms(53);
      for (let i = 0; i < 2000; i++) {
        const x = fromBits(Math.floor(random() * 0x7f800000));
        const y = f(numberLanes, x);
        expect(f(numberLanes, -x)).toBe(name === "sin" ? -y : y);
      }
      for (const x of [Infinity, -Infinity, NaN]) expect(f(numberLanes, x)).toBeNaN();
      expect([0, -0].map((x) => f(numberLanes, x))).toEqual(name === "sin" ? [0, -0] : [1, 1]);
    });
  }

  it("the numbers nearest to multiples of pi / 2 are as near as they say", () => {
    const distances = [...nearestToMultiples()].map((x) => Math.abs(Math.sin(2 * x)) / 2);
    expect(Math.min(...distances)).toBeLessThan(2 ** -29);
  });

  it("a machine that flushes gives the same, but zeros for denormal angles", () => {
    for (const x of strided(271_003)) {
      const sine = x < 2 ** -126 ? 0 : sin(numberLanes, x);
      expect([x, sin(flushingLanes, x)]).toEqual([x, sine]);
      expect([x, cos(flushingLanes, x)]).toEqual([x, cos(numberLanes, x)]);
    }
  });
});

describe("pow without f64", () => {
  /** Bases of every exponent and near 1, with powers that give any normal result. */
  function* operands(count: number): Generator<readonly [number, number]> {
    const random = uniforms(59);
    for (let i = 0; i < count; i++) {
      const near = 1 + (random() - 0.5) * 2 ** (-20 * random());
      const x = Math.fround(i % 2 === 0 ? near : 2 ** (252 * random() - 126));
      const y = (126 * (2 * random() - 1)) / Math.log2(x);
      yield [x, Math.fround(i % 3 === 0 ? Math.round(y) : y)];
    }
  }

  it("is within 1.3 ulp wherever the result is normal", () => {
    const worst = new Worst();
    for (const [x, y] of operands(200_000)) {
      const exact = x ** y;
      if (!(exact < (2 - 2 ** -24) * 2 ** 127 && exact >= 2 ** -126)) continue;
      worst.add(ulpError(pow(numberLanes, x, y), exact), x, y);
    }
    worst.within(1.3, "pow");
  });

  it("overflows, and is denormal or 0, where the true result is", () => {
    const random = uniforms(61);
    for (let i = 0; i < 20_000; i++) {
      const x = Math.fround(2 ** (200 * random() - 100));
      const y = Math.fround((random() < 0.5 ? 1 : -1) * (128 + 30 * random()) * (1 / Math.log2(x)));
      const exact = Math.fround(x ** y);
      const got = pow(numberLanes, x, y);
      const smallest = 2 ** -149;
      if (exact < 2 ** -126) expect(Math.abs(got - exact)).toBeLessThanOrEqual(smallest);
      else expect(Math.abs(got / exact - 1) < 1.6e-7 || got === exact).toBe(true);
    }
  });

  const specials = [
    [0, 2 ** -149, 2 ** -126, 1e-30, 0.5, 1 - 2 ** -24, 1, 1 + 2 ** -23, 1.5, 2, 2.5, 3, 1e9],
    [2 ** 24, 2 ** 24 + 2, 1e30, 3.4028234663852886e38, Infinity],
  ]
    .flat()
    .flatMap((x) => [Math.fround(x), -Math.fround(x)])
    .concat(NaN);

  it("has the special cases of the form in f64", () => {
    for (const x of specials) {
      for (const y of specials) {
        const wide = powWide(numberLanes, x, y);
        const got = pow(numberLanes, x, y);
        const near = Math.abs(got - wide) <= 2 ** -22 * Math.abs(wide);
        expect([x, y, near || got]).toEqual([x, y, near || wide]);
        expect([x, y, Object.is(got, -0)]).toEqual([x, y, Object.is(wide, -0)]);
      }
    }
  });

  it("a machine that flushes gives the same, wherever no operand and no result is denormal", () => {
    for (const [x, y] of operands(10_000)) {
      const wanted = pow(numberLanes, x, y);
      if (Math.abs(wanted) < 2 ** -125 || Math.abs(y) < 2 ** -100) continue;
      expect([x, y, pow(flushingLanes, x, y)]).toEqual([x, y, wanted]);
    }
  });
});
