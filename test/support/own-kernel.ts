/** An operation and its kernel from outside of src/, on a page: distances of the rows of a matrix from a vector. */
import * as asc from "assemblyscript/asc";
import {
  inputBuffer,
  outputBuffer,
  type KernelLibrary,
  type KernelRequest,
} from "../../src/backends/wasm/index.ts";
import { avalOf } from "../../src/core/aval.ts";
import { sizeOf } from "../../src/core/shape.ts";
import type { Value } from "../../src/core/value.ts";
import { bindOne } from "../../src/ir/interpreter.ts";
import * as ops from "../../src/ir/ops.ts";
import { definePrimitive, type Primitive } from "../../src/ir/primitive.ts";

interface DistanceParams {
  readonly weight: number;
}

/** x[n, d] and y[d] to weight * sum over d of (x - y)^2, in the order of d. */
const rowDistance: Primitive<DistanceParams> = definePrimitive<DistanceParams>({
  name: "rowDistance",
  abstractEval: ([x]) => [avalOf("f32", [x.shape[0]])],
  jvp: "byDecomposition",
  vjp: "byDecomposition",
  transpose: "nonLinear",
  batch: ([x, y], [xAxis, yAxis], params, size) => {
    if (xAxis !== 0 || yAxis !== undefined) throw new Error("only x is mapped, along axis 0");
    const [, rows, width] = x.shape;
    const flat = bindOne(rowDistance, [ops.reshape(x, [size * rows, width]), y], params);
    return { values: [ops.reshape(flat, [size, rows])], axes: [0] };
  },
  lower: { kind: "kernel", flops: (_params, [x]) => 3 * sizeOf(x.shape) },
  reference: ([x, y], [out], { weight }) => {
    const width = y.words.length;
    out.words.forEach((_, row) => {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const difference = Math.fround(x.words[row * width + i] - y.words[i]);
        sum = Math.fround(sum + Math.fround(difference * difference));
      }
      out.words[row] = weight * sum;
    });
  },
  decompose: ([x, y], { weight }) => {
    const difference = ops.sub(x, ops.broadcastInDim(y, x.shape, [1]));
    return [ops.scale(ops.reduceSum(ops.mul(difference, difference), [1]), weight)];
  },
});

export const distance = (x: Value, y: Value): Value => bindOne(rowDistance, [x, y], { weight: 3 });

/** Its kernel, in AssemblyScript: rows are shared between the parts. */
export const source = `
export function sumOfSquares(args: usize, part: i32, parts: i32): void {
  const x = <usize>load<u32>(args), y = <usize>load<u32>(args, 4), out = <usize>load<u32>(args, 8);
  const rows = load<i32>(args, 12), width = load<i32>(args, 16), weight = load<f32>(args, 20);
  const end = <i32>((<i64>rows * (part + 1)) / parts);
  for (let row = <i32>((<i64>rows * part) / parts); row < end; row++) {
    let sum: f32 = 0;
    for (let i = 0; i < width; i++) {
      const difference = load<f32>(x + (<usize>(row * width + i) << 2)) - load<f32>(y + (<usize>i << 2));
      sum += difference * difference;
    }
    store<f32>(out + (<usize>row << 2), weight * sum);
  }
}
export function notAKernel(x: f32): f32 { return x; }
`;

/** The module that the AssemblyScript compiler makes of a text. */
export async function compileSource(text: string, ...options: string[]): Promise<Uint8Array> {
  const written = new Map<string, Uint8Array>();
  const files = ["own.ts", "--outFile", "own.wasm", "--runtime", "stub", "--noAssert"];
  const { error, stderr } = await asc.main([...files, ...options], {
    readFile: (name) => (name === "own.ts" ? text : null),
    writeFile: (name, contents) => {
      if (contents instanceof Uint8Array) written.set(name, contents);
    },
    listFiles: () => [],
  });
  const module = written.get("own.wasm");
  if (error || !module) throw new Error(stderr.toString(), { cause: error });
  return module;
}

/** Options for ordinary memory. */
export const ordinary = ["--importMemory", "--use", "abort="];
export const shared = [
  ...ordinary,
  "--sharedMemory",
  "--maximumMemory",
  "4",
  "--enable",
  "threads",
];

const floatBits = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0];

export const libraryOf = (
  module: Uint8Array,
  others: Partial<KernelLibrary> = {},
): KernelLibrary => ({
  name: "distances",
  module,
  kernels: ["sumOfSquares"],
  recipes: {
    rowDistance: ({ params: { weight }, inputs: [x] }: KernelRequest<DistanceParams>) => ({
      steps: [
        {
          kernel: "sumOfSquares",
          buffers: [inputBuffer(0), inputBuffer(1), outputBuffer(0)],
          immediates: [...x.shape, floatBits(weight)],
        },
      ],
    }),
  },
  ...others,
});
