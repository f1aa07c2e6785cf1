import { init, jit, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { median } from "../command.ts";

export interface CallsParameters {
  readonly batches: number;
  readonly callsPerBatch: number;
}

export interface CallTime {
  readonly what: string;
  readonly leaves: number;
  /** Median of the batches, and the least disturbed one. */
  readonly microseconds: number;
  readonly fastest: number;
}

/** Time of a call whose arithmetic is next to nothing, after it was compiled: median of batches. */
export async function measureCalls({
  batches,
  callsPerBatch,
}: CallsParameters): Promise<readonly CallTime[]> {
  await init("wasm", { threads: 1 });
  const [x, y] = [np.array([1, 2, 3, 4]), np.array([5, 6, 7, 8])];
  const multiplyAdd = jit((a: Value, b: Value | number) => np.add(np.mul(a, b), 1));
  const pair = jit((state: { readonly a: Value; readonly b: readonly Value[] }) => ({
    a: np.add(state.a, state.b[0]),
    b: [np.mul(state.a, state.b[1]), state.b[0]],
  }));
  const wide = Array.from({ length: 60 }, () => ({ weight: x, bias: y }));
  const update = jit((layers: typeof wide) =>
    layers.map(({ weight, bias }) => ({ weight: np.add(weight, bias), bias })),
  );
  const time = (run: () => void): Pick<CallTime, "microseconds" | "fastest"> => {
    const times = Array.from({ length: 2 * batches }, () => {
      const begin = performance.now();
      for (let i = 0; i < callsPerBatch; i++) run();
      return (1000 * (performance.now() - begin)) / callsPerBatch;
    });
    // The first half warms the engine up.
    const warm = times.slice(batches);
    return { microseconds: median(warm), fastest: Math.min(...warm) };
  };
  const row = (what: string, leaves: number, run: () => void): CallTime => ({
    what,
    leaves,
    ...time(run),
  });
  return [
    row("jit, two arrays of 4", 2, () => multiplyAdd(x, y)),
    row("jit, an array and a number", 2, () => multiplyAdd(x, 2)),
    row("jit, a tree of 3 arrays", 3, () => pair({ a: x, b: [y, x] })),
    row("jit, a tree of 120 arrays", 120, () => update(wide)),
    row("eager addition", 2, () => np.add(x, y)),
  ];
}
