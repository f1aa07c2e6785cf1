import { grad, init, jit, Tensor, type Value } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { median } from "../command.ts";
import { peerCalls, type Call } from "../peer-programs.ts";
import { blockStep, lstmStep } from "../small-programs.ts";

export interface SmallParameters {
  readonly turns: number;
  /** About so many milliseconds of each in a turn. */
  readonly milliseconds: number;
}

/** Microseconds of processor time, all threads of the process together: others on the machine do not count. */
export interface SmallTime {
  readonly what: string;
  /** Median of the turns, and the least disturbed one. */
  readonly microseconds: number;
  readonly fastest: number;
  /** The same of `@jax-js/jax`. */
  readonly peer: number;
  readonly peerFastest: number;
}

/** Time of a call of each, of both libraries in turns, so that a slow minute of the machine meets all of them. */
export async function measureSmall({
  turns,
  milliseconds,
}: SmallParameters): Promise<readonly SmallTime[]> {
  await init("wasm", { threads: 1 });
  const peers = await peerCalls();
  const cases = smallCalls().map(([what, own]) => {
    const peer = peers.get(what);
    if (!peer) throw new Error(`the other library has no ${what}`);
    checkSame(what, own(), peer());
    return { what, own, peer, times: [] as number[], peerTimes: [] as number[] };
  });
  for (let turn = 0; turn < 2 * turns; turn++) {
    for (const { own, peer, times, peerTimes } of cases) {
      times.push(timeOf(own, milliseconds));
      peerTimes.push(timeOf(peer, milliseconds));
    }
  }
  // The first half warms the engine up.
  return cases.map(({ what, times, peerTimes }) => {
    const [warm, peerWarm] = [times, peerTimes].map((all) => all.slice(turns));
    return {
      what,
      microseconds: median(warm),
      fastest: Math.min(...warm),
      peer: median(peerWarm),
      peerFastest: Math.min(...peerWarm),
    };
  });
}

/** Epsilons and the order of sums differ; what is computed must not. */
function checkSame(what: string, own: number, peer: number): void {
  if (Math.abs(own - peer) <= 1e-3 * Math.abs(own) + 1e-7) return;
  throw new Error(`${what}: ${own} here, ${peer} in the other library`);
}

/** Mean microseconds of processor time of the calls that fit into the time; one at least. */
function timeOf(run: Call, milliseconds: number): number {
  const begin = process.cpuUsage();
  let calls = 0;
  let spent = 0;
  do {
    run();
    calls++;
    const { user, system } = process.cpuUsage(begin);
    spent = user + system;
  } while (spent < 1000 * milliseconds);
  return spent / calls;
}

const first = (x: Value): number => {
  if (!(x instanceof Tensor)) throw new Error("not computed");
  return x.dataSync()[0];
};

/** Of the many sizes in turn no cache of eager programs holds one still when it comes again. */
const newZeros = (use: number): Float32Array => new Float32Array(1 + (use % 3000));

function smallCalls(): readonly (readonly [string, Call])[] {
  const [x, y] = [np.full([16, 64], 0.5), np.full([16, 64], 0.25)];
  const [gamma, beta] = [np.ones([64]), np.zeros([64])];
  const add = jit((a: Value, b: Value) => np.add(a, b));
  const gradient = grad((a: Value) => np.sum(np.square(np.sin(a))));
  let uses = 0;
  const calls: readonly (readonly [string, () => Value])[] = [
    ["eager add", () => np.add(x, y)],
    ["eager layer norm", () => nn.layerNorm({ gamma, beta }, x)],
    ["eager gradient of sum(sin(x)^2)", () => gradient(x)],
    ["eager add, a new shape", () => np.add(newZeros(++uses), newZeros(uses))],
    ["jit of add", () => add(x, y)],
    ["LSTM step", lstmStep()],
    ["transformer block step", blockStep()],
  ];
  return calls.map(([what, run]) => [what, () => first(run())]);
}
