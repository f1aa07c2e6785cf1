import type { Arithmetic } from "../../src/backends/wasm/index.ts";

/**
 * A module whose function `run(iterations)` does nothing but multiply and add vectors in registers: what no kernel can
 * exceed. There are enough independent sums to hide the latency of an addition behind a multiplication.
 */
const sums = 12;

/** Floating-point operations of one iteration: four lanes, a product and a sum. */
export const flopsPerIteration = sums * 4 * 2;

const code = {
  v128: 0x7b,
  i32: 0x7f,
  f32: 0x7d,
  loop: [0x03, 0x40],
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  i32Const: 0x41,
  i32Subtract: 0x6b,
  f32Const: 0x43,
  splat: [0xfd, 0x13],
  lane0: [0xfd, 0x1f, 0x00],
  add: [0xfd, 0xe4, 0x01],
  multiply: [0xfd, 0xe6, 0x01],
  multiplyAdd: [0xfd, 0x85, 0x02],
} as const;

const float = (value: number): readonly number[] => [
  ...new Uint8Array(Float32Array.of(value).buffer),
];

/** Unsigned LEB128. */
const leb = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];

const vector = (bytes: readonly number[]): readonly number[] => [...leb(bytes.length), ...bytes];

const section = (id: number, bytes: readonly number[]): readonly number[] => [id, ...vector(bytes)];

/** The module's bytes. Local 0 counts iterations; then the factor, the summand, and the sums. */
export function loopModule(arithmetic: Arithmetic): Uint8Array<ArrayBuffer> {
  const [factor, summand] = [1, 2];
  const sumAt = (i: number): number => 3 + i;
  const everySum = Array.from({ length: sums }, (_, i) => sumAt(i));
  const constant = (local: number, value: number): readonly number[] =>
    [[code.f32Const], float(value), code.splat, [code.set, local]].flat();
  const step = (sum: number): readonly number[] =>
    [
      [code.get, sum, code.get, factor],
      arithmetic === "strict" ? code.multiply : [],
      [code.get, summand],
      arithmetic === "strict" ? code.add : code.multiplyAdd,
      [code.set, sum],
    ].flat();
  const locals = [1, ...leb(2 + sums), code.v128];
  const body = [
    locals,
    constant(factor, 0.999),
    constant(summand, 0.5),
    everySum.flatMap((sum) => constant(sum, sum)),
    code.loop,
    everySum.flatMap(step),
    [code.get, 0, code.i32Const, 1, code.i32Subtract, code.tee, 0, code.branchIf, 0, code.end],
    // All sums are used, or the engine would leave their arithmetic out.
    [code.get, sumAt(0)],
    everySum.slice(1).flatMap((sum) => [code.get, sum, ...code.add]),
    [...code.lane0, code.end],
  ].flat();
  const name = [...new TextEncoder().encode("run")];
  const bytes = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, [1, 0x60, 1, code.i32, 1, code.f32]),
    section(3, [1, 0]),
    section(7, [1, ...vector(name), 0, 0]),
    section(10, [1, ...vector(body)]),
  ];
  return Uint8Array.from(bytes.flat());
}
