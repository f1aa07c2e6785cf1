import type { ElementType, KernelSource, Operand, Parameter } from "./kernel-source.ts";

/** Words in front of a dispatch's own: zero, and the number of its threads or groups. */
const headWords = 2;

/** A dispatch's words begin at multiples of so many: what WebGPU promises for dynamic offsets. */
export const tableWords = 64;

/** The words of a call in the parameter table: addresses are in words. */
export const dispatchWords = (
  count: number,
  addresses: readonly number[],
  numbers: readonly number[],
): readonly number[] => [0, count, ...addresses, ...numbers];

/** How much of the table a dispatch with so many operands and numbers takes, in words. */
export const wordsOfCall = (operands: number, numbers: number): number =>
  Math.ceil((headWords + operands + numbers) / tableWords) * tableWords;

/** What a text is compiled for, besides the kernel. */
export interface Variant {
  /** Values of the kernel's constants, in order. */
  readonly constants: readonly number[];
  /** The binding through which each operand is reached: 0 for all but in arenas larger than a binding. */
  readonly windows: readonly number[];
  /** Words of the table that a dispatch takes. */
  readonly words: number;
}

/** The whole WGSL of a kernel: bindings, accessors of its operands and parameters, its body, and the entry point. */
export function kernelText(kernel: KernelSource, variant: Variant, functions: string): string {
  const { operands, constants, numbers, body } = kernel;
  const windows = Math.max(0, ...variant.windows) + 1;
  return [
    ...bindings(windows, variant.words),
    functions,
    ...constants.map((constant, i) => constantText(constant, variant.constants[i])),
    ...operands.map((operand, i) => operandText(operand, headWords + i, variant.windows[i] ?? 0)),
    ...numbers.map((number, i) => numberText(number, headWords + operands.length + i)),
    kernel.rest ? restText(headWords + operands.length + numbers.length) : "",
    body,
    entryPoint(kernel, variant.constants),
  ].join("\n");
}

const bindings = (windows: number, words: number): readonly string[] => [
  `struct Parameters { words: array<vec4u, ${words / 4}> }`,
  "@group(0) @binding(0) var<uniform> parameters: Parameters;",
  ...Array.from(
    { length: windows },
    (_, i) => `@group(0) @binding(${i + 1}) var<storage, read_write> arena${i}: array<u32>;`,
  ),
  "fn parameter(i: u32) -> u32 { return parameters.words[i >> 2u][i & 3u]; }",
  // Always 0, which no compiler can know.
  "fn zero() -> u32 { return parameters.words[0].x; }",
];

const literal = (value: number, type: ElementType): string => {
  if (type === "f32") return `bitcast<f32>(${value >>> 0}u)`;
  return type === "u32" ? `${value >>> 0}u` : `bitcast<i32>(${value >>> 0}u)`;
};

const constantText = ({ name, type }: Parameter, value: number): string =>
  `const ${name}: ${type} = ${literal(value, type)};`;

const cast = (type: ElementType, word: string): string =>
  type === "u32" ? word : `bitcast<${type}>(${word})`;

function operandText({ name, type, writes }: Operand, word: number, window: number): string {
  const at = `arena${window}[parameter(${word}u) + i]`;
  const read = `fn ${name}(i: u32) -> ${type} { return ${cast(type, at)}; }`;
  if (!writes) return read;
  const stored = type === "u32" ? "value" : "bitcast<u32>(value)";
  return `${read}\nfn set_${name}(i: u32, value: ${type}) { ${at} = ${stored}; }`;
}

const numberText = ({ name, type }: Parameter, word: number): string =>
  `fn ${name}() -> ${type} { return ${cast(type, `parameter(${word}u)`)}; }`;

const restText = (word: number): string =>
  `fn rest(i: u32) -> i32 { return bitcast<i32>(parameter(${word}u + i)); }`;

/** Workgroups of a kernel with these constants. */
export const workgroupSizeOf = (
  { workgroupSize }: KernelSource,
  constants: readonly number[],
): number => (typeof workgroupSize === "number" ? workgroupSize : workgroupSize(constants));

function entryPoint(kernel: KernelSource, constants: readonly number[]): string {
  const size = workgroupSizeOf(kernel, constants);
  const head = `@compute @workgroup_size(${size})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Grids of more than 65,535 workgroups are folded into two dimensions.
  let g = id.y * grid.x + id.x;`;
  return kernel.granularity === "groups"
    ? `${head}\n  if (g >= parameter(1u)) { return; }\n  group(g, lane);\n}`
    : `${head}\n  let t = g * ${size}u + lane;\n  if (t < parameter(1u)) { thread(t); }\n}`;
}
