import { beforeAll, describe, expect, test } from "vitest";
import { NonFiniteError } from "../../src/core/errors.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { init } from "../../src/index.ts";
import { safetensors } from "../../src/interop/index.ts";
import { encodeFile } from "../../src/training/checkpoint/file.ts";
import { encodeManifest, decodeManifest } from "../../src/training/checkpoint/manifest.ts";
import { storedOf } from "../../src/training/checkpoint/checkpoint.ts";
import {
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  generate,
  measure,
  reformerModel,
  runKeys,
  stateOfOrThrow,
  trainConfig,
  type Checkpoint,
} from "../../src/training/index.ts";
import { sha256 } from "../../src/training/node/index.ts";
import { smallReformer } from "../cli/small-reformer.ts";

/*
 * Exact streams hold integers: NaN and what overflows become numbers in them, and what comes out looks like a result.
 */

const config = trainConfig(smallReformer as Parameters<typeof trainConfig>[0]);
const keys = runKeys(config.training.seed);
const text = new TextEncoder().encode("to be or not to be, that is the question. ".repeat(4));

let checkpoint: Checkpoint;
beforeAll(async () => {
  await init("wasm", { threads: 1 });
  const state = reformerModel(config).init(keys.initial);
  checkpoint = checkpointOf({ config, step: 3, state });
});

/** The checkpoint with one tensor changed. */
function withTensor(name: string, change: (value: number, index: number) => number): Checkpoint {
  const tensor = checkpoint.tensors.get(name);
  if (tensor === undefined) throw new Error(`there is no ${name}`);
  const changed = tensorFrom("f32", tensor.shape, Float32Array.from(tensor.words(), change));
  return { ...checkpoint, tensors: new Map([...checkpoint.tensors, [name, changed]]) };
}

const floats = (): string[] =>
  [...checkpoint.tensors].filter(([, { dtype }]) => dtype === "f32").map(([name]) => name);

/** What runs a model says of a checkpoint that nobody looked at. */
async function run({ tensors }: { readonly tensors: Checkpoint["tensors"] }): Promise<string[]> {
  const model = reformerModel(config);
  const state = stateOfOrThrow({ ...checkpoint, tensors }, model);
  const windows = { length: 48, stride: 24, batch: 1, key: keys.evaluation };
  const sampling = { context: 48, key: keys.evaluation, temperature: 1, uniform: () => 0.5 };
  const messageOf = async (action: () => Promise<unknown>): Promise<string> => {
    try {
      await action();
      return "no error";
    } catch (error) {
      expect(error).toBeInstanceOf(NonFiniteError);
      return (error as Error).message;
    }
  };
  return [
    await messageOf(() => measure(model, state, text, windows)),
    await messageOf(async () => generate(model, state, text, 1, sampling).next()),
  ];
}

test("healthy parameters run", async () => {
  expect(await run(checkpoint)).toEqual(["no error", "no error"]);
});

test("a NaN or an infinity in any leaf is an error with its name, wherever the model runs", async () => {
  expect(floats().length).toBeGreaterThan(20);
  for (const [i, name] of floats().entries()) {
    const bad = [NaN, Infinity, -Infinity][i % 3];
    const leaf = name.replace(/^state\./, "");
    for (const message of await run(withTensor(name, (x, at) => (at === 0 ? bad : x)))) {
      expect(message).toContain(`${leaf}: a parameter is not finite: got ${bad} at element 0`);
    }
  }
});

test("streams that overflow are an error with the first bad layer", async () => {
  const messages = await run(withTensor("state.params.embedding.table", (x) => x * 1e6));
  expect(messages).toHaveLength(2);
  for (const message of messages) {
    expect(message).toMatch(/the residual streams overflow or hold NaN: got first in layer 0/);
  }
});

describe("checkpoints", () => {
  /** A file as a version would have written it that did not look. */
  function fileWith(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
    return encodeFile({ ...storedOf(checkpoint), tensors }, { writer: "0.0.1", digest: sha256 });
  }

  test("are neither written nor read with values that are not finite", () => {
    expect(checkpointFromBytesOrThrow(fileWith(checkpoint.tensors)).step).toBe(3);
    for (const name of floats()) {
      const bad = withTensor(name, (x, at) => (at === 1 ? NaN : x));
      expect(() => checkpointToBytes(bad)).toThrow(NonFiniteError);
      expect(() => checkpointFromBytesOrThrow(fileWith(bad.tensors))).toThrow(
        `tensor ${name}: is not finite: got NaN at element 1`,
      );
    }
    expect(safetensors.serialize(checkpoint.tensors).length).toBeGreaterThan(0);
  });

  test("are not written with a configuration, a progress or a step that could not be read", () => {
    const { training } = config;
    const write = (changed: Partial<Checkpoint>) => () =>
      checkpointToBytes({ ...checkpoint, ...changed });
    const schedule = { ...training.schedule, rate: NaN };
    expect(write({ config: { ...config, training: { ...training, schedule } } })).toThrow(
      /config: training.schedule.rate: is not a finite number: got NaN/,
    );
    expect(write({ config: { ...config, training: { ...training, batch: 0.5 } } })).toThrow(
      /cannot be saved: checkpoint: training.batch: wrong value: expected an integer/,
    );
    expect(write({ progress: { bytes: Infinity } })).toThrow(/progress: bytes: is not a finite/);
    for (const step of [-1, 1.5, NaN, 1e300]) {
      expect(write({ step })).toThrow(/step is of another kind: expected a number of updates.*got/);
    }
  });

  test.each([1e300, -5, 1.5, 2 ** 53])("a manifest of step %d is refused", (step) => {
    const bytes = encodeManifest({ version: 2, writer: "0.0.1", step, files: {} }, sha256);
    expect(decodeManifest(bytes, sha256, "manifest")).toMatchObject({ _tag: "Left" });
  });
});
