/** A small language model of bytes that trains on different backends, and what its runs differ in. */
import { setBackend, type Backend } from "../../../src/ir/backend.ts";
import { toHost } from "../../../src/index.ts";
import type { HashBuckets } from "../../../src/reformer/index.ts";
import {
  copyState,
  finish,
  nextTokenTask,
  reformerModel,
  replayHashes,
  runKeys,
  tensorsOf,
  train,
  trainConfig,
  type HashReplay,
  type ReformerState,
  type TrainStart,
} from "../../../src/training/index.ts";

/** Local and LSH attention in several chunks, two rounds, dropout everywhere, updates in the sweep. */
export const config = trainConfig({
  model: {
    width: 16,
    heads: 2,
    headWidth: 8,
    feedForwardWidth: 24,
    layers: ["local", "lsh"],
    local: { chunk: 16 },
    lsh: { chunk: 16, rounds: 2 },
    positions: { kind: "axial", shape: [8, 8], widths: [4, 12] },
    dropout: 0.1,
    attentionDropout: 0.1,
    feedForwardChunk: 64,
    lossChunk: 64,
  },
  training: {
    batch: 1,
    length: 64,
    seed: 3,
    update: "inSweep",
    clip: null,
    schedule: { kind: "constant", rate: 3e-3, warmup: 4, horizon: 20 },
  },
});

const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(20));

/** Of arrays under their names. */
type Elements = ReadonlyMap<string, Float32Array>;

export interface Run {
  readonly step: number;
  /** Nats, of every step. */
  readonly losses: readonly number[];
  /** Of every step: whether the sweep arrived at the bits that the forward pass began with. */
  readonly rebuilt: readonly boolean[];
  readonly buckets: readonly HashBuckets[];
  /** Parameters. */
  readonly before: Elements;
  readonly after: Elements;
  /** On the host. */
  readonly state: ReformerState;
}

interface RunOptions extends Pick<HashReplay, "replay"> {
  readonly steps: number;
  /** A state on the host. */
  readonly start?: TrainStart<ReformerState>;
}

export const taskOf = () => {
  const model = reformerModel(config);
  return { model, task: nextTokenTask({ model, config, data: { train: text } }) };
};

/** Trains on a backend, and records everything. */
export async function trainOn(
  backend: Backend,
  { steps, start, replay }: RunOptions,
): Promise<Run> {
  setBackend(backend);
  const { model, task } = taskOf();
  const buckets: HashBuckets[] = [];
  const recorded = replayHashes(task, model, {
    record: (_, used) => buckets.push(used),
    ...(replay && { replay }),
  });
  const from = start
    ? { ...start, state: copyState(start.state) }
    : { step: 0, state: task.init(runKeys(config.training.seed).initial) };
  const before = elementsOf(await toHost(from.state));
  const losses: number[] = [];
  const rebuilt: boolean[] = [];
  const { state, step } = await finish(
    train({ task: recorded, steps, start: from }),
    ({ metrics }) => {
      losses.push((metrics.bitsPerByte ?? NaN) * Math.LN2);
      rebuilt.push(metrics.rebuilt === true);
    },
  );
  const onHost = await toHost(state);
  const after = elementsOf(onHost);
  return { step, losses, rebuilt, buckets, before, after, state: onHost };
}

/** The next step takes the arrays over: what is compared is copied. */
const elementsOf = ({ params }: ReformerState): Elements =>
  new Map(
    [...tensorsOf(params)].map(([name, tensor]) => [name, Float32Array.from(tensor.words())]),
  );

/** By how much the loss of a step may differ, in nats, and the change of a parameter over a run, as a share of its L2 norm. */
export const tolerances = { loss: 1e-4, change: 0.01 } as const;

/** What two runs differ in beyond rounding. */
export function disagreements(got: Run, expected: Run): readonly string[] {
  const losses = expected.losses.flatMap((loss, step) => {
    const error = Math.abs(got.losses[step] - loss);
    return error <= tolerances.loss ? [] : [`loss of step ${step}: ${error} from ${loss}`];
  });
  const changes = [...expected.after.keys()].flatMap((name) => {
    const change = changeOf(expected, name);
    const error = norm(changeOf(got, name).map((x, i) => x - change[i])) / norm(change);
    return error <= tolerances.change ? [] : [`change of ${name}: ${error} of its norm`];
  });
  return [...losses, ...changes];
}

function changeOf({ before, after }: Run, name: string): readonly number[] {
  const [from, to] = [before, after].map((elements) => Array.from(elements.get(name) ?? []));
  return to.map((x, i) => x - from[i]);
}

const norm = (x: readonly number[]): number =>
  Math.sqrt(x.reduce((sum, each) => sum + each * each, 0));
