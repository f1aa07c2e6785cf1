/** A program whose every step is shared between threads, and what it must give. */
import type { WasmOptions } from "../../../src/backends/wasm/index.ts";
import { tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import * as ops from "../../support/plan-primitives.ts";
import { scalar, writeProgram } from "../../support/write-program.ts";

/** Every step is split, and every run is worth all threads. */
export const always: WasmOptions = { threads: 3, smallest: { step: 0, run: 0 } };

const size = 500;
export const counting = (): Tensor =>
  tensorFrom(
    "f32",
    [size],
    Float32Array.from({ length: size }, (_, i) => i),
  );

/** (x + n) modulo 97, as the tests' operations compute, by a loop of one step each; then the sum of all. */
export const addInLoop = (n: number) =>
  writeProgram([[size]], (w, x) => {
    const body = writeProgram([[size]], (b, carry) => [
      b.apply(ops.add, [carry, b.view(scalar(1), [size], [0])], {}, "body"),
    ]);
    const [end] = w.scan(body, n, [], [x]);
    return [end, w.apply(ops.reduceSum, [end], { axes: [0] }, "total")];
  });

export const counted = (n: number): number[] =>
  Array.from({ length: size }, (_, i) => (i + n) % 97);
