/** What reads arrays all over the library, where arrays come late. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfTest } from "../../../src/cli/self-test.ts";
import { init, tree, toHost, type Tensor, type Value } from "../../../src/index.ts";
import { safetensors } from "../../../src/interop/index.ts";
import * as np from "../../../src/numpy/index.ts";
import * as random from "../../../src/random/index.ts";
import { checkGrads, checkGradsAsync } from "../../../src/testing/index.ts";
import {
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  copyState,
  parameterHash,
  trainConfig,
} from "../../../src/training/index.ts";
import { line, smallCase, echo } from "../../verify/small-case.ts";
import { expectSameBits, f32, normalTensor } from "../../support/arrays.ts";
import type { PretendedDevice } from "../../support/device/device.ts";
import { startDevice } from "../../support/device/start.ts";

let device: PretendedDevice;
beforeAll(async () => {
  device = await startDevice("wasm");
});
afterAll(() => device.dispose());

const place = (x: Tensor): Tensor => np.add(x, 0) as Tensor;

describe("checkGrads", () => {
  const point = normalTensor(1, [3]);
  it("says at once that it is too early, and what to do", () => {
    expect(() => checkGrads((x: Value) => np.sin(x), [point])).toThrow(
      "checkGrads: the elements are on pretended, where they cannot be read at once. " +
        "Write `await checkGradsAsync(...)`.",
    );
  });

  it("passes right derivatives and catches wrong ones when awaited", async () => {
    await checkGradsAsync((x: Value) => np.multiply(np.sin(x), np.exp(x)), [place(point)], {
      order: 2,
    });
    const kinked = (x: Value): Value => np.abs(np.sub(x, 0.001));
    await expect(checkGradsAsync(kinked, [f32([1], [0])])).rejects.toThrow(
      "the derivative differs from central differences",
    );
  });
});

describe("what is stored", () => {
  const config = trainConfig({ training: { batch: 1, length: 64 } });

  it("comes to the host first, by one read", async () => {
    const state = { params: { w: place(normalTensor(2, [3, 4])), b: place(normalTensor(3, [4])) } };
    expect(() => checkpointToBytes(checkpointOf({ config, step: 1, state }))).toThrow(
      "checkpoint: the elements are on pretended",
    );
    const { reads } = device.counts;
    const host = await toHost(state);
    expect(device.counts.reads).toBe(reads + 1);
    const bytes = checkpointToBytes(checkpointOf({ config, step: 1, state: host }));
    const read = checkpointFromBytesOrThrow(bytes).tensors.get("state.params.w");
    expectSameBits(read as Tensor, normalTensor(2, [3, 4]), "w");
    expect(() => parameterHash(state)).toThrow("parameterHash: the elements are on pretended");
    expect(parameterHash(host.params)).toBe(
      parameterHash({ w: normalTensor(2, [3, 4]), b: normalTensor(3, [4]) }),
    );
  });

  it("as safetensors as well", async () => {
    const tensors = new Map([["w", place(f32([2], [1, 2]))]]);
    expect(() => safetensors.serialize(tensors)).toThrow(
      "safetensors.serialize: the elements are on pretended",
    );
    const bytes = safetensors.serialize(new Map(await toHost([...tensors])));
    expect(bytes).toEqual(safetensors.serialize(new Map([["w", f32([2], [1, 2])]])));
  });

  it("is copied where it is", async () => {
    const state = { w: place(f32([2], [1, 2])), host: f32([1], [3]) };
    const copy = copyState(state);
    expect(copy.w.place).toBe("pretended");
    state.w.donate("step");
    state.host.donate("step");
    expect((await toHost(tree.leaves<Tensor>(copy))).map(String)).toEqual([
      "f32[1] [3]",
      "f32[2] [1, 2]",
    ]);
  });
});

it("cases of other people's code are compared on the host", async () => {
  const runner = echo((results) => {
    for (const [name, tensor] of results) results.set(name, place(tensor));
  });
  expect(await line(smallCase(), runner)).toBe("PASS small 0.0e+0");
});

it("the self test waits for its number", async () => {
  expect(await selfTest()).toBe("computes rightly");
});

it("random numbers are those of the host", async () => {
  const { key, normal, split } = random;
  const draw = async (): Promise<readonly number[]> => {
    const [a, b] = split(key(3));
    return [...(await normal(a, [5]).data()), ...(await random.permutation(b, 4).data())];
  };
  const late = await draw();
  await init("wasm");
  expect(late).toEqual(await draw());
});
