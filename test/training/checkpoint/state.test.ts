import { expect, test } from "vitest";
import { orThrow } from "../../../src/edge/problem.ts";
import {
  canResume,
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  finish,
  parameterHash,
  parametersOf,
  parseTrainConfig,
  stateOfOrThrow,
  train,
} from "../../../src/training/index.ts";
import { toyKeys, toyModel, toyPreset } from "../toy-model.ts";

const config = orThrow(parseTrainConfig(toyPreset));
const model = toyModel(config);
const keys = toyKeys(0);
const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(9));
const data = { train: text };

const trainTo = async (steps: number, start: Parameters<typeof train<State>>[0]["start"]) =>
  (await finish(train({ model, config, data, keys, start, steps }))).state;

type State = ReturnType<typeof model.init>;
const fresh = (): State => model.init(keys.initial);

test("through bytes and back, training goes on as if nothing had happened", async () => {
  const whole = await trainTo(6, { step: 0, state: fresh() });
  const half = await trainTo(3, { step: 0, state: fresh() });
  const saved = checkpointOf({ config, state: half, step: 3, keys, progress: { bytes: 405 } });
  const read = checkpointFromBytesOrThrow(checkpointToBytes(saved));
  expect(read).toMatchObject({ config, step: 3, progress: { bytes: 405 } });
  expect(canResume(read)).toBe(true);
  const state = stateOfOrThrow(read, model);
  expect(parameterHash(await trainTo(6, { step: 3, state }))).toBe(parameterHash(whole));
});

test("parameters only begin another training: theirs, with an optimiser that has seen nothing", async () => {
  const trained = await trainTo(3, { step: 0, state: fresh() });
  const hash = parameterHash(trained.params);
  const saved = checkpointOf({ config, state: trained, step: 3, keys });
  expect(parameterHash(parametersOf(saved))).toBe(hash);
  const read = checkpointFromBytesOrThrow(checkpointToBytes(saved, { parametersOnly: true }));
  expect(canResume(read)).toBe(false);
  const state = stateOfOrThrow(read, model);
  expect(parameterHash(state.params)).toBe(hash);
  expect(parameterHash(state.optimizer)).toBe(parameterHash(fresh().optimizer));
  const tuned = await trainTo(2, { step: 0, state });
  expect(parameterHash(tuned.params)).not.toBe(hash);
});

test("a parameter that is missing is not made up", () => {
  const saved = checkpointOf({ config, state: fresh(), step: 0, keys });
  const tensors = new Map(
    [...saved.tensors]
      .filter(([name]) => name === "state.params.table")
      .map(([, tensor]) => ["state.params.tabel", tensor]),
  );
  expect(() => stateOfOrThrow({ ...saved, tensors }, model)).toThrow(
    /2 problems:[^]*params.table: is missing[^]*params.tabel: has no place/,
  );
});
