/** How f32 arithmetic of the device differs from that of IEEE 754, in words that differ and units in the last place. */
import { computeWords } from "../../support/webgpu-compute.ts";
import { integers } from "../../support/random-data.ts";
import { place } from "../laws/deviation.ts";

const workgroup = 64;

/** Expressions of x and y; what they are when every operation is rounded once. */
const operations: Readonly<
  Record<string, readonly [code: string, exact: (x: number, y: number) => number]>
> = {
  sum: ["x + y", (x, y) => x + y],
  product: ["x * y", (x, y) => x * y],
  quotient: ["x / y", (x, y) => x / y],
  "square root": ["sqrt(abs(x))", (x) => Math.sqrt(Math.abs(x))],
  // A product of two f32 is exact in f64; its sum there is rounded twice only where 29 bits happen to be a tie.
  fma: ["fma(x, y, 1.0)", (x, y) => x * y + 1],
};

const { fround } = Math;

/** What is written as separate operations, and what it is when compilers leave it so; guarded, they cannot see through it. */
const canaries: Readonly<
  Record<string, readonly [code: string, guarded: string, exact: (x: number, y: number) => number]>
> = {
  "x - ((x + 1) - 1)": [
    "x - ((x + 1.0) - 1.0)",
    "guard(x - guard(guard(x + 1.0) - 1.0))",
    (x) => fround(x - fround(fround(x + 1) - 1)),
  ],
  "x y + 1": ["x * y + 1.0", "guard(guard(x * y) + 1.0)", (x, y) => fround(fround(x * y) + 1)],
};

export async function arithmeticFacts(device: GPUDevice, count: number): Promise<unknown> {
  const facts: Record<string, unknown> = {};
  // Exponents that leave room: no sum, product or quotient is denormal or infinite.
  const [x, y] = [ordinary(1, count), ordinary(2, count)];
  for (const [name, [code, exact]] of Object.entries(operations)) {
    facts[name] = compare(await run(device, code, x, y), x, y, (a, b) => fround(exact(a, b)));
  }
  for (const [name, [plain, guarded, exact]] of Object.entries(canaries)) {
    const [freely, kept] = [await run(device, plain, x, y), await run(device, guarded, x, y)];
    facts[name] = { plain: compare(freely, x, y, exact), guarded: compare(kept, x, y, exact) };
  }
  return { values: count, ...facts, denormals: await denormalFacts(device) };
}

interface Difference {
  readonly different: number;
  /** Most units in the last place. */
  readonly worst: number;
}

function compare(
  got: Float32Array,
  x: Float32Array,
  y: Float32Array,
  exact: (x: number, y: number) => number,
): Difference {
  let [different, worst] = [0, 0];
  got.forEach((value, i) => {
    const apart = Math.abs(place(value) - place(exact(x[i], y[i])));
    if (apart > 0) different++;
    worst = Math.max(worst, apart);
  });
  return { different, worst };
}

/** Numbers between 2^-8 and 2^8 in magnitude, of both signs. */
function ordinary(seed: number, count: number): Float32Array {
  const words = integers(seed, count, 2 ** 31);
  const exponents = integers(seed + 10, count, 16);
  const signs = integers(seed + 20, count, 2);
  return Float32Array.from(
    words,
    (word, i) => (1 - 2 * signs[i]) * (1 + word / 2 ** 31) * 2 ** (exponents[i] - 8),
  );
}

async function run(
  device: GPUDevice,
  expression: string,
  x: Float32Array,
  y: Float32Array,
): Promise<Float32Array> {
  const code = `
    @group(0) @binding(0) var<storage, read> left: array<u32>;
    @group(0) @binding(1) var<storage, read> right: array<u32>;
    @group(0) @binding(2) var<storage, read> nothing: array<u32>;
    @group(0) @binding(3) var<storage, read_write> to: array<u32>;
    fn guard(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ nothing[0]); }
    @compute @workgroup_size(${workgroup})
    fn main(@builtin(global_invocation_id) id: vec3u) {
      let i = id.x;
      if (i >= arrayLength(&to)) { return; }
      let x = bitcast<f32>(left[i]);
      let y = bitcast<f32>(right[i] + 0u * nothing[0]);
      to[i] = bitcast<u32>(guard(${expression}));
    }`;
  const inputs = [new Uint32Array(x.buffer), new Uint32Array(y.buffer), new Uint32Array(4)];
  const words = await computeWords(device, code, inputs, x.length, workgroup);
  return new Float32Array(words.buffer);
}

/** What becomes of numbers below 2^-126: as results, as operands, and when they are only moved. */
async function denormalFacts(device: GPUDevice): Promise<unknown> {
  const tiny = 2 ** -130;
  const x = Float32Array.from({ length: workgroup }, () => 2 ** -65);
  const small = x.map(() => tiny);
  const [result] = await run(device, "x * y", x, x);
  const [operand] = await run(device, "y * 1048576.0", x, small);
  const [moved] = await run(device, "y", x, small);
  return {
    resultsFlushed: result === 0,
    operandsFlushed: operand === 0,
    movedFlushed: moved !== tiny,
  };
}
