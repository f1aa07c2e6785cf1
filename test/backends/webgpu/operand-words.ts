import type { ScalarType } from "../../../src/ir/expression.ts";
import { uniforms } from "../../ir/scalar/oracle.ts";

/** Where formulas change branch, round, overflow or have their special cases. */
const magnitudes = [
  [0, 2 ** -149, 2 ** -127, 2 ** -126, 1e-30, 1e-8, 0.25, 0.5, 0.625, 0.75, 1, 1.5, 2, 2.5, 3, 4],
  [5, 31, 32, 86.9, 87, 87.1, 88.7, 88.73, 100, 127, 128, 149, 150, 710, 1e9, 1e30, 3.4e38],
  [2 ** 23, 2 ** 24, 2 ** 24 + 2, 2 ** 31 - 128, 2 ** 31, 2 ** 32 - 256, 2 ** 32, Infinity, NaN],
  [1 + 2 ** -23, 1 - 2 ** -24, Math.PI / 4, Math.PI / 2, Math.PI, 22, (2 - 2 ** -23) * 2 ** 127],
].flat();
const integers = [
  [0, 1, 2, 3, 7, 15, 16, 31, 32, 33, 63, 64, 1000, 0xffff, 0x10000, 2 ** 31 - 1, 2 ** 31],
].flat();

const bitsOf = (values: readonly number[]): readonly number[] => [
  ...new Uint32Array(new Float32Array(values).buffer),
];
const oneNaN = (word: number): number => ((word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word);
const signed = integers.flatMap((n) => [n, -n >>> 0]);
const specials: Readonly<Record<ScalarType, readonly number[]>> = {
  f32: bitsOf(magnitudes.flatMap((x) => [x, -x])),
  i32: signed,
  u32: signed,
  bool: [0, 1],
};

/**
 * Words for the operands of an operation: combinations of special ones first, then by turns numbers of everyday size and
 * any bits. There is one NaN, because JavaScript does not keep the bits of others.
 */
export function operandWords(
  types: readonly ScalarType[],
  count: number,
  seed: number,
): readonly Uint32Array[] {
  const random = uniforms(seed);
  const any = (): number => Math.floor(random() * 2 ** 32);
  const everyday = (): number => {
    const bell = random() + random() + random() - 1.5;
    return bitsOf([bell * 2 ** Math.ceil(6 * random())])[0];
  };
  const word = (type: ScalarType, i: number): number => {
    if (type === "bool") return any() & 1;
    if (type === "f32") return i % 2 === 0 ? oneNaN(any()) : everyday();
    return i % 2 === 0 ? any() : any() >>> Math.floor(32 * random());
  };
  const periods = types.map((_, i) =>
    types.slice(0, i).reduce((product, type) => product * specials[type].length, 1),
  );
  const special = Math.min(count / 2, 2 ** 14);
  return types.map((type, operand) =>
    Uint32Array.from({ length: count }, (_, i) =>
      i < special
        ? specials[type][Math.floor(i / periods[operand]) % specials[type].length]
        : word(type, i),
    ),
  );
}
