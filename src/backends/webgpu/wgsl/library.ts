import * as math from "../../../core/scalar-math/index.ts";
import { Printer } from "./lanes.ts";

/** Functions that bodies of kernels may use: those that a text names, and what these name in turn. */
const library: Readonly<Record<string, () => string>> = {
  isNaN: () => "fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }",
  /** Larger for larger numbers, the same for -0 and +0, largest for NaN; denormals count, unlike in comparisons. */
  orderOfF32: () => `fn orderOfF32(word: u32) -> u32 {
  if ((word & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  if (word == 0x80000000u) { return 0x80000000u; }
  return select(word | 0x80000000u, ~word, (word & 0x80000000u) != 0u);
}`,
  minIeee: () => `fn minIeee(a: f32, b: f32) -> f32 {
  if (isNaN(a)) { return a; }
  if (isNaN(b)) { return b; }
  if (a == b) { return bitcast<f32>(bitcast<u32>(a) | bitcast<u32>(b)); }
  return select(b, a, a < b);
}`,
  maxIeee: () => `fn maxIeee(a: f32, b: f32) -> f32 {
  if (isNaN(a)) { return a; }
  if (isNaN(b)) { return b; }
  if (a == b) { return bitcast<f32>(bitcast<u32>(a) & bitcast<u32>(b)); }
  return select(b, a, b < a);
}`,
  saturateI32: () => `fn saturateI32(x: f32) -> i32 {
  if (isNaN(x)) { return 0i; }
  if (x >= 2147483648.0) { return 2147483647i; }
  if (x < -2147483648.0) { return bitcast<i32>(0x80000000u); }
  return i32(x);
}`,
  saturateU32: () => `fn saturateU32(x: f32) -> i32 {
  if (isNaN(x) || x <= 0.0) { return 0i; }
  if (x >= 4294967296.0) { return -1i; }
  return bitcast<i32>(u32(x));
}`,
  expF32: () => formula("expF32", (lanes, x) => math.exp(lanes, x)),
  logF32: () => formula("logF32", (lanes, x) => math.log(lanes, x)),
};

type StringLanes = ReturnType<Printer["lanes"]>;

/** A scalar formula of one argument as a function. */
function formula(name: string, compute: (lanes: StringLanes, x: string) => string): string {
  const printer = new Printer();
  const result = compute(printer.lanes(), "x");
  return `fn ${name}(x: f32) -> f32 {\n  ${printer.lines.join("\n  ")}\n  return ${result};\n}`;
}

/** The definitions that a text needs, callees first. */
export function libraryFor(text: string): string {
  const found = new Map<string, string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    const definition = library[name]();
    for (const other of namesIn(definition)) if (other !== name) visit(other);
    found.set(name, definition);
  };
  namesIn(text).forEach(visit);
  return [...found.values()].join("\n");
}

const namesIn = (text: string): readonly string[] =>
  Object.keys(library).filter((name) => text.includes(`${name}(`));
