import type { ElementType, KernelSource, Operand, Parameter } from "./kernel-source.ts";

/** A dispatch's words begin at multiples of so many: what WebGPU promises for dynamic offsets. */
export const tableWords = 64;

/** Words of the table that a dispatch reaches: as many as every device binds. */
export const reachWords = 16_384;

/** Words that are read at once. A dispatch's jobs, and its head, are made of such. */
const vector = 4;

/** In front of a dispatch's jobs: zero, its workgroups, its jobs, and the vectors of each. */
const headWords = vector;

/** Words in front of a job's own: its first workgroup, and the number of its threads or groups. */
const jobHeadWords = 2;

/** A call of a kernel as words: addresses are in words. */
export interface JobWords {
  readonly groups: number;
  readonly count: number;
  readonly addresses: readonly number[];
  readonly numbers: readonly number[];
}

/** The words of a dispatch in the parameter table: all jobs have as many operands and numbers. */
export function dispatchWords(jobs: readonly JobWords[]): readonly number[] {
  const [{ addresses, numbers }] = jobs;
  const size = wordsOfJob(addresses.length, numbers.length);
  const groups = jobs.reduce((sum, job) => sum + job.groups, 0);
  const words = [0, groups, jobs.length, size / vector];
  let first = 0;
  for (const job of jobs) {
    const own = [first, job.count, ...job.addresses, ...job.numbers];
    words.push(...own, ...Array.from({ length: size - own.length }, () => 0));
    first += job.groups;
  }
  return words;
}

const wordsOfJob = (operands: number, numbers: number): number =>
  Math.ceil((jobHeadWords + operands + numbers) / vector) * vector;

/** How many calls with so many operands and numbers one dispatch can be. */
export const mostJobs = (operands: number, numbers: number): number =>
  Math.floor((reachWords - headWords) / wordsOfJob(operands, numbers));

/** What a text is compiled for, besides the kernel. */
export interface Variant {
  /** Values of the kernel's constants, in order. */
  readonly constants: readonly number[];
  /** The binding through which each operand is reached: 0 for all but in arenas larger than a binding. */
  readonly windows: readonly number[];
}

/** The whole WGSL of a kernel: bindings, accessors of its operands and parameters, its body, and the entry point. */
export function kernelText(kernel: KernelSource, variant: Variant, functions: string): string {
  const { operands, constants, numbers, body } = kernel;
  const windows = Math.max(0, ...variant.windows) + 1;
  const [first, behind] = [jobHeadWords, jobHeadWords + operands.length];
  const accessors = [
    ...operands.map((operand, i) => {
      const at = { base: first + i, window: variant.windows[i] ?? 0 };
      return kernel.quads ? quadText(operand, at) : operandText(operand, at);
    }),
    ...numbers.map((number, i) => numberText(number, behind + i)),
    kernel.rest ? restText(behind + numbers.length) : "",
  ].join("\n");
  return [
    ...(kernel.enables ?? []).map((name) => `enable ${name};`),
    ...bindings(windows, kernel.quads ? "vec4u" : "u32"),
    functions,
    ...constants.map((constant, i) => constantText(constant, variant.constants[i])),
    withJob(`${accessors}\n${body}`),
    entryPoint(kernel, variant.constants),
  ].join("\n");
}

/**
 * The functions of a text with one argument more, in front: which vector of the table their job begins with. Bodies of kernels are written as if there
 * were one job. A variable of the module would do, but compilers would not know that a workgroup agrees on it, as barriers demand.
 */
function withJob(text: string): string {
  const names = [...text.matchAll(/\bfn (\w+)\(/g)].map(([, name]) => name);
  const mentioned = new RegExp(`\\b(fn )?(${names.join("|")})\\(\\s*(\\))?`, "g");
  return text.replace(
    mentioned,
    (_, declares: string | undefined, name: string, ends: string | undefined) =>
      `${declares ?? ""}${name}(job${declares === undefined ? "" : ": u32"}${ends ?? ", "}`,
  );
}

const bindings = (windows: number, element: string): readonly string[] => [
  `struct Parameters { words: array<vec4u, ${reachWords / 4}> }`,
  "@group(0) @binding(0) var<uniform> parameters: Parameters;",
  ...Array.from(
    { length: windows },
    (_, i) => `@group(0) @binding(${i + 1}) var<storage, read_write> arena${i}: array<${element}>;`,
  ),
  // Always 0, which no compiler can know.
  "fn zero() -> u32 { return parameters.words[0].x; }",
  `// The first vector of the job that workgroup g belongs to: the last one whose first workgroup is not behind it.
fn jobOf(g: u32) -> u32 {
  let head = parameters.words[0];
  var low = 0u;
  var high = head.z;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (parameters.words[1u + middle * head.w].x <= g) { low = middle; } else { high = middle; }
  }
  return 1u + low * head.w;
}`,
];

/** A word of a job. */
const word = (at: number): string =>
  `parameters.words[job + ${Math.floor(at / vector)}u].${"xyzw"[at % vector]}`;

const literal = (value: number, type: ElementType): string => {
  if (type === "f32") return `bitcast<f32>(${value >>> 0}u)`;
  return type === "u32" ? `${value >>> 0}u` : `bitcast<i32>(${value >>> 0}u)`;
};

const constantText = ({ name, type }: Parameter, value: number): string =>
  `const ${name}: ${type} = ${literal(value, type)};`;

const cast = (type: ElementType, text: string): string =>
  type === "u32" ? text : `bitcast<${type}>(${text})`;

/** Which number of its dispatch says where an operand begins, and in which window that is. */
interface OperandAt {
  readonly base: number;
  readonly window: number;
}

function operandText({ name, type, writes }: Operand, { base, window }: OperandAt): string {
  const at = `arena${window}[${word(base)} + i]`;
  const read = `fn ${name}(i: u32) -> ${type} { return ${cast(type, at)}; }`;
  if (!writes) return read;
  const stored = type === "u32" ? "value" : "bitcast<u32>(value)";
  return `${read}\nfn set_${name}(i: u32, value: ${type}) { ${at} = ${stored}; }`;
}

/** An operand of a kernel that takes four words at a time. */
function quadText({ name, type, writes }: Operand, { base, window }: OperandAt): string {
  const at = `${word(base)} + i`;
  const quad = `arena${window}[(${at}) / 4u]`;
  const vector = `vec4<${type}>`;
  const read = `fn ${name}(i: u32) -> ${type} {
  let at = ${at};
  return ${cast(type, `arena${window}[at / 4u][at % 4u]`)};
}
fn ${name}_quad(i: u32) -> ${vector} { return bitcast<${vector}>(${quad}); }`;
  if (!writes) return read;
  return `${read}\nfn set_${name}_quad(i: u32, value: ${vector}) { ${quad} = bitcast<vec4u>(value); }`;
}

const numberText = ({ name, type }: Parameter, at: number): string =>
  `fn ${name}() -> ${type} { return ${cast(type, word(at))}; }`;

const restText = (first: number): string =>
  `fn rest(i: u32) -> i32 {
  let at = ${first}u + i;
  return bitcast<i32>(parameters.words[job + at / ${vector}u][at % ${vector}u]);
}`;

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
  @builtin(local_invocation_index) lane: u32,${kernel.subgroups ? "\n  @builtin(subgroup_id) subgroup: u32," : ""}
) {
  // Grids of more than 65,535 workgroups are folded into two dimensions.
  let g = id.y * grid.x + id.x;
  if (g >= parameters.words[0].y) { return; }
  let job = jobOf(g);
  let place = g - ${word(0)};`;
  return kernel.granularity === "groups"
    ? `${head}\n  group(job, place, lane${kernel.subgroups ? ", subgroup" : ""});\n}`
    : `${head}\n  let t = place * ${size}u + lane;\n  if (t < ${word(1)}) { thread(job, t); }\n}`;
}
