/*
 * A task of another kind than the library's own, from public names alone: which of four symbols is the most frequent one in a
 * sequence? A Reformer's streams, pooled over the positions, answer.
 */
import { init, jit, Tensor, toHost, valueAndGrad, type Value } from "reformax";
import { fromFixed } from "reformax/lax";
import { dense, initDense, softmaxCrossEntropy, type DenseParams } from "reformax/nn";
import { argmax, astype, concatenate, equal, mean } from "reformax/numpy";
import { adam, applyUpdates, globalNorm } from "reformax/optim";
import { split } from "reformax/random";
import { initParams, reformerConfig, runStack, type ReformerParams } from "reformax/reformer";
import {
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  finish,
  formatMetrics,
  parameterHash,
  resumePointOrThrow,
  runKeys,
  trainAhead,
  type Task,
} from "reformax/training";
import { beforeAll, expect, test } from "vitest";

const [symbols, length, batch] = [4, 32, 16];
const chunk = { chunk: 8 };
const model = reformerConfig({ vocabulary: symbols, width: 16, lsh: chunk, local: chunk });
const optimizer = adam(5e-3);

interface Params {
  readonly body: ReformerParams;
  readonly top: DenseParams;
}
interface State {
  readonly params: Params;
  readonly optimizer: ReturnType<typeof optimizer.init>;
}
interface Examples {
  /** i32[batch, length] */
  readonly tokens: Value;
  /** i32[batch] */
  readonly labels: Value;
}

const logits = ({ body, top }: Params, tokens: Value, key: Value): Value => {
  const { first, second } = runStack(model, body, tokens, key, { mode: "training" }).streams;
  return dense(top, mean(concatenate([fromFixed(first), fromFixed(second)], 2), 1));
};

const step = jit(
  ({ params, optimizer: memory }: State, { tokens, labels }: Examples, key: Value) => {
    const lossOf = (p: Params) => mean(softmaxCrossEntropy(logits(p, tokens, key), labels));
    const [loss, gradient] = valueAndGrad(lossOf)(params);
    const [updates, next] = optimizer.update(gradient, memory, params);
    const state: State = { params: applyUpdates(params, updates), optimizer: next };
    return { state, metrics: { loss, gradientNorm: globalNorm(gradient) } };
  },
  { donateArgnums: [0] },
);
const accuracyOf = jit((params: Params, { tokens, labels }: Examples, key: Value) =>
  mean(astype(equal(argmax(logits(params, tokens, key), 1), labels), "f32")),
);

/** Random sequences, and the symbol that each holds most often; the lowest of several. */
function examples(words: Uint32Array): Examples {
  const tokens = Int32Array.from(words, (word) => word % symbols);
  const rows = words.length / length;
  const labels = Int32Array.from({ length: rows }, (_, row) => {
    const counts = Array.from({ length: symbols }, () => 0);
    for (const token of tokens.subarray(row * length, (row + 1) * length)) counts[token] += 1;
    return counts.indexOf(Math.max(...counts));
  });
  const i32 = (shape: number[], values: Int32Array) =>
    new Tensor({ shape, dtype: "i32", weak: false }, values);
  return { tokens: i32([rows, length], tokens), labels: i32([rows], labels) };
}

const unseen = examples(runKeys(99).words(0, 256 * length));

function majority(seed: number): Task<State> {
  const keys = runKeys(seed);
  return {
    name: "majority",
    metrics: [{ name: "loss", unit: "nats", digits: 2, role: "loss" }, { name: "gradientNorm" }],
    measured: [{ name: "accuracy", digits: 2 }],
    config: { symbols, length, batch },
    keys,
    init: (key) => {
      const [forBody, forTop] = split(key);
      const [top] = initDense(2 * model.width, symbols)(forTop);
      const params = { body: initParams(model, forBody), top };
      return { params, optimizer: optimizer.init(params) };
    },
    batch: (at) => examples(keys.words(at, batch * length)),
    step: (state, given: Examples, key) => step(state, given, key),
    measure: async ({ params }) => {
      const [accuracy] = await accuracyOf(params, unseen, keys.evaluation).data();
      return { accuracy };
    },
  };
}

beforeAll(async () => {
  await init();
});

const steps = 120;

test("trains, is stopped, saved and resumed to the same bits, and classifies what it has not seen", async () => {
  const task = majority(3);
  const losses: number[] = [];
  const whole = await finish(trainAhead({ task, steps }), ({ metrics }) => {
    losses.push(metrics.loss);
  });
  const { accuracy } = whole.validation?.validation ?? { accuracy: NaN };
  const late = losses.slice(-10).reduce((sum, loss) => sum + loss / 10, 0);
  expect(losses[0]).toBeGreaterThan(1.2);
  expect(late).toBeLessThan(0.6);
  expect(accuracy).toBeGreaterThan(0.7);
  expect(formatMetrics(task.measured ?? [], { accuracy })).toMatch(/^accuracy 0\.[78]\d$/);
  const untrained = await accuracyOf(
    task.init(runKeys(3).initial).params,
    unseen,
    runKeys(3).step(0),
  ).data();
  expect(untrained[0]).toBeLessThan(0.5);

  const signal = { aborted: false };
  const saved: Uint8Array[] = [];
  const save = (state: State, at: number): void =>
    void saved.push(checkpointToBytes(checkpointOf({ task, step: at, state })));
  const half = await finish(trainAhead({ task, steps, signal, hooks: { save } }), (told) => {
    signal.aborted = told.step === 50;
  });
  expect(half).toMatchObject({ step: 50, interrupted: true });
  expect(saved).toHaveLength(1);

  // Another process would begin here, with the bytes and a task of its own.
  const again = majority(3);
  const start = resumePointOrThrow(checkpointFromBytesOrThrow(saved[0], again), again);
  expect(start.step).toBe(50);
  const end = await finish(trainAhead({ task: again, steps, start }));
  expect(parameterHash(await toHost(end.state))).toBe(parameterHash(await toHost(whole.state)));
});
