import type { Lanes } from "../../../core/scalar-math/index.ts";

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
const bitsOf = (x: number): number => {
  float[0] = x;
  return bits[0];
};

/** Collects statements; equal texts are one value. */
export class Printer {
  readonly lines: string[] = [];
  readonly #known = new Map<string, string>();

  emit(type: string, text: string): string {
    const known = this.#known.get(text);
    if (known) return known;
    const name = `v${this.#known.size}`;
    this.#known.set(text, name);
    this.lines.push(`let ${name}: ${type} = ${text};`);
    return name;
  }

  lanes(): Lanes<string, string, never, string> {
    const F = (t: string) => this.emit("f32", t);
    const I = (t: string) => this.emit("i32", t);
    const B = (t: string) => this.emit("bool", t);
    const R = (t: string) => F(`guard(${t})`);
    const wide = (): never => {
      throw new Error("no f64 in WGSL");
    };
    const u = (a: string) => `bitcast<u32>(${a})`;
    const i = (a: string) => `bitcast<i32>(${a})`;
    return {
      f32: (x: number) =>
        Number.isFinite(Math.fround(x)) && Math.abs(Math.fround(x)) >= 1.2e-38
          ? F(`bitcast<f32>(${bitsOf(x)}u)`)
          : F(`bitcast<f32>(${bitsOf(x)}u ^ zero())`),
      i32: (x: number) => I(`bitcast<i32>(${x >>> 0}u)`),
      f64: wide,
      add: (a: string, b: string) => R(`${a} + ${b}`),
      sub: (a: string, b: string) => R(`${a} - ${b}`),
      mul: (a: string, b: string) => R(`${a} * ${b}`),
      div: (a: string, b: string) => R(`${a} / ${b}`),
      sqrt: (a: string) => R(`sqrt(${a})`),
      neg: (a: string) => F(`bitcast<f32>(${u(a)} ^ 0x80000000u)`),
      abs: (a: string) => F(`bitcast<f32>(${u(a)} & 0x7fffffffu)`),
      floor: (a: string) => F(`floor(${a})`),
      ceil: (a: string) => F(`ceil(${a})`),
      trunc: (a: string) => F(`trunc(${a})`),
      nearest: (a: string) => F(`round(${a})`),
      min: (a: string, b: string) => F(`minIeee(${a}, ${b})`),
      max: (a: string, b: string) => F(`maxIeee(${a}, ${b})`),
      pmin: (a: string, b: string) => F(`select(${a}, ${b}, ${b} < ${a})`),
      pmax: (a: string, b: string) => F(`select(${a}, ${b}, ${a} < ${b})`),
      rem: (a: string, b: string) => F(`${a} % ${b}`),
      eq: (a: string, b: string) => B(`${a} == ${b}`),
      ne: (a: string, b: string) => B(a === b ? `isNaN(${a})` : `!(${a} == ${b})`),
      lt: (a: string, b: string) => B(`${a} < ${b}`),
      le: (a: string, b: string) => B(`${a} <= ${b}`),
      addI: (a: string, b: string) => I(`${a} + ${b}`),
      subI: (a: string, b: string) => I(`${a} - ${b}`),
      mulI: (a: string, b: string) => I(`${a} * ${b}`),
      negI: (a: string) => I(`0i - ${a}`),
      absI: (a: string) => I(`abs(${a})`),
      minI: (a: string, b: string) => I(`min(${a}, ${b})`),
      maxI: (a: string, b: string) => I(`max(${a}, ${b})`),
      minU: (a: string, b: string) => I(i(`min(${u(a)}, ${u(b)})`)),
      maxU: (a: string, b: string) => I(i(`max(${u(a)}, ${u(b)})`)),
      andI: (a: string, b: string) => I(`${a} & ${b}`),
      orI: (a: string, b: string) => I(`${a} | ${b}`),
      xorI: (a: string, b: string) => I(`${a} ^ ${b}`),
      notI: (a: string) => I(`~${a}`),
      divI: (a: string, b: string) => I(`select(${a} / ${b}, -1i, ${b} == 0i)`),
      remI: (a: string, b: string) => I(`select(${a} % ${b}, ${a}, ${b} == 0i)`),
      divU: (a: string, b: string) => I(`select(${i(`${u(a)} / ${u(b)}`)}, -1i, ${b} == 0i)`),
      remU: (a: string, b: string) => I(`select(${i(`${u(a)} % ${u(b)}`)}, ${a}, ${b} == 0i)`),
      shiftLeft: (a: string, n: number) => I(`${a} << ${n}u`),
      shiftRight: (a: string, n: number) => I(`${a} >> ${n}u`),
      shiftRightU: (a: string, n: number) => I(i(`${u(a)} >> ${n}u`)),
      shiftLeftBy: (a: string, n: string) =>
        I(`select(0i, ${a} << (${u(n)} & 31u), ${u(n)} < 32u)`),
      shiftRightBy: (a: string, n: string) => I(`${a} >> min(${u(n)}, 31u)`),
      shiftRightByU: (a: string, n: string) =>
        I(`select(0i, ${i(`${u(a)} >> (${u(n)} & 31u)`)}, ${u(n)} < 32u)`),
      eqI: (a: string, b: string) => B(`${a} == ${b}`),
      ltI: (a: string, b: string) => B(`${a} < ${b}`),
      ltU: (a: string, b: string) => B(`${u(a)} < ${u(b)}`),
      and: (a: string, b: string) => B(`${a} && ${b}`),
      or: (a: string, b: string) => B(`${a} || ${b}`),
      not: (a: string) => B(`!${a}`),
      select: (w: string, t: string, e: string) => F(`select(${e}, ${t}, ${w})`),
      selectI: (w: string, t: string, e: string) => I(`select(${e}, ${t}, ${w})`),
      zeroWhere: (w: string, a: string) => F(`select(${a}, 0.0f, ${w})`),
      nanWhere: (w: string, a: string) =>
        F(`select(${a}, bitcast<f32>(0x7fc00000u ^ zero()), ${w})`),
      bool: (w: string) => I(`select(0i, 1i, ${w})`),
      bits: (a: string) => I(i(a)),
      fromBits: (a: string) => F(`bitcast<f32>(${a})`),
      toI32: (a: string) => I(`saturateI32(${a})`),
      toU32: (a: string) => I(`saturateU32(${a})`),
      fromI32: (a: string) => F(`f32(${a})`),
      fromU32: (a: string) => F(`f32(${u(a)})`),
      widen: wide,
      narrow: wide,
      addD: wide,
      subD: wide,
      mulD: wide,
      divD: wide,
      floorD: wide,
      pminD: wide,
      pmaxD: wide,
    } as unknown as Lanes<string, string, never, string>;
  }
}
