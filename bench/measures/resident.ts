import { createWasmBackend } from "../../src/backends/wasm/index.ts";
import { jit, type Value } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import * as lax from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { median } from "../command.ts";

export interface ResidentParameters {
  readonly megabytes: number;
  readonly turns: number;
  readonly calls: number;
}

export interface ResidentTime {
  /** Whether what recurs stays in the arena. */
  readonly stays: boolean;
  readonly milliseconds: number;
  readonly residentBytes: number;
}

const width = 256;
const arrays = 10;

/** Calls in turns, as decoding makes them: parameters that come again, a cache of a megabyte that is given back, and little work. */
export async function measureResident({
  megabytes,
  turns,
  calls,
}: ResidentParameters): Promise<readonly ResidentTime[]> {
  const sides = [await startLoop(megabytes, false), await startLoop(megabytes, true)];
  const times = sides.map(() => [] as number[]);
  for (let turn = 0; turn < turns; turn++) {
    sides.forEach(({ call }, i) => {
      const begin = performance.now();
      for (let n = 0; n < calls; n++) call();
      times[i].push((performance.now() - begin) / calls);
    });
  }
  return sides.map(({ stays, residentBytes }, i) => ({
    stays,
    milliseconds: median(times[i]),
    residentBytes: residentBytes(),
  }));
}

interface Loop {
  readonly stays: boolean;
  readonly call: () => void;
  readonly residentBytes: () => number;
}

async function startLoop(megabytes: number, stays: boolean): Promise<Loop> {
  const copy = stays ? undefined : Number.POSITIVE_INFINITY;
  const backend = await createWasmBackend({
    threads: 1,
    smallest: { step: 16384, run: 0.2, copy },
  });
  setBackend(backend);
  const rows = Math.ceil((megabytes * 1e6) / (4 * width * arrays));
  const parameters = Array.from({ length: arrays }, () => np.full([rows, width], 0.5));
  const step = jit(
    (weights: readonly Value[], cache: Value, token: Value) => {
      const row = (weight: Value): Value => lax.dynamicSlice(weight, [token, 0], [1, width]);
      const sum = weights.map(row).reduce((total, each) => np.add(np.mul(total, 0.5), each));
      return { cache: lax.dynamicUpdateSlice(cache, sum, [token, 0]), sum };
    },
    { donateArgnums: [1] },
  );
  let cache: Value = np.zeros([1024, width]);
  const token = np.array(3, "i32");
  const call = (): void => {
    setBackend(backend);
    ({ cache } = step(parameters, cache, token));
  };
  // Compiled, and what recurs has shown.
  for (let i = 0; i < 4; i++) call();
  return {
    stays,
    call,
    residentBytes: () => {
      setBackend(backend);
      return step.lower(parameters, cache, token).report.residentBytes ?? 0;
    },
  };
}
