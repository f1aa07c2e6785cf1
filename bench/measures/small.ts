import { grad, init, jit, type Value } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { median } from "../command.ts";
import { blockStep, lstmStep } from "../small-programs.ts";

export interface SmallParameters {
  readonly turns: number;
  /** About so many milliseconds of each in a turn. */
  readonly milliseconds: number;
}

export interface SmallTime {
  readonly what: string;
  /** Median of the turns, and the least disturbed one. */
  readonly microseconds: number;
  readonly fastest: number;
}

/** Time of a call of each, in turns, so that a slow minute of the machine meets all of them. */
export async function measureSmall({
  turns,
  milliseconds,
}: SmallParameters): Promise<readonly SmallTime[]> {
  await init("wasm", { threads: 1 });
  const cases = smallCalls().map(([what, run]) => ({ what, run, times: [] as number[] }));
  for (let turn = 0; turn < 2 * turns; turn++) {
    for (const { run, times } of cases) times.push(timeOf(run, milliseconds));
  }
  // The first half warms the engine up.
  return cases.map(({ what, times }) => {
    const warm = times.slice(turns);
    return { what, microseconds: median(warm), fastest: Math.min(...warm) };
  });
}

/** Mean microseconds of the calls that fit into the time; one at least. */
function timeOf(run: () => unknown, milliseconds: number): number {
  const begin = performance.now();
  let calls = 0;
  let now = begin;
  do {
    run();
    calls++;
    now = performance.now();
  } while (now - begin < milliseconds);
  return (1000 * (now - begin)) / calls;
}

function smallCalls(): readonly (readonly [string, () => unknown])[] {
  const [x, y] = [np.full([16, 64], 0.5), np.full([16, 64], 0.25)];
  const [gamma, beta] = [np.ones([64]), np.zeros([64])];
  const add = jit((a: Value, b: Value) => np.add(a, b));
  const gradient = grad((a: Value) => np.sum(np.square(np.sin(a))));
  let size = 1;
  return [
    ["eager add", () => np.add(x, y)],
    ["eager layer norm", () => nn.layerNorm({ gamma, beta }, x)],
    ["eager gradient of sum(sin(x)^2)", () => gradient(x)],
    ["eager add, a new shape", () => np.add(new Float32Array(++size), new Float32Array(size))],
    ["jit of add", () => add(x, y)],
    ["LSTM step", lstmStep()],
    ["transformer block step", blockStep()],
  ];
}
