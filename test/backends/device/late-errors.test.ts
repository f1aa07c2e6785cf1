import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWasmBackend } from "../../../src/backends/wasm/index.ts";
import {
  BackendError,
  debug,
  jit,
  NonFiniteError,
  synchronize,
  toHost,
  type Value,
} from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { f32 } from "../../support/arrays.ts";
import { PretendedDevice } from "../../support/device/device.ts";
import { startDevice } from "../../support/device/start.ts";

let device: PretendedDevice;
let unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeEach(async () => {
  unhandled = [];
  process.on("unhandledRejection", note);
  device = await startDevice();
});

afterEach(async () => {
  debug.nans(false);
  await device.dispose();
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const double = jit((x: Value) => np.mul(x, 2), { name: "double" });
const triple = jit((x: Value) => np.mul(x, 3), { name: "triple" });

describe("a run that fails late", () => {
  it("rejects the reads of its results, and of what is computed from them, and no others", async () => {
    const x = np.add(f32([2], [1, 2]), 1);
    device.fault = (where) =>
      where === "double"
        ? new BackendError("a kernel failed: out of memory", { where, got: "mul in double/mul" })
        : undefined;
    const y = double(x);
    const z = triple(np.add(y, 1));
    const message = "double: a kernel failed: out of memory: got mul in double/mul";
    await expect(y.data()).rejects.toThrow(message);
    await expect(z.data()).rejects.toThrow(message);
    await expect(toHost({ x, z })).rejects.toThrow(message);
    expect([...(await triple(x).data())]).toEqual([6, 9]);
    device.fault = () => undefined;
    expect([...(await double(x).data())]).toEqual([4, 6]);
  });

  it("tells the first failure of several", async () => {
    const x = np.add(f32([2], [1, 2]), 1);
    device.fault = (where) => new BackendError("failed", { where });
    const late = np.add(double(x), triple(x));
    await expect(late.data()).rejects.toThrow("double: failed");
  });

  it("is told to who synchronises, once", async () => {
    const x = np.add(f32([2], [1, 2]), 1);
    await synchronize();
    device.fault = (where) => new BackendError("failed", { where });
    double(x);
    await expect(synchronize()).rejects.toThrow("double: failed");
    await synchronize();
  });

  it("names the step of the kernel that trapped", async () => {
    const wasm = await createWasmBackend({ faults: () => ({ trap: { thread: 0, step: 0 } }) });
    const trapping = new PretendedDevice(wasm);
    setBackend(trapping);
    const y = jit((x: Value) => np.sum(np.mul(x, 2)), { name: "trapping" })(f32([2], [1, 2]));
    const read = y.data();
    await expect(read).rejects.toThrow(BackendError);
    await expect(read).rejects.toThrow(/^trapping: a kernel failed: .*unreachable.*: got /);
    await trapping.dispose();
  });

  it("is moved with its results to another device", async () => {
    device.fault = (where) => new BackendError("failed", { where });
    const y = double(f32([2], [1, 2]));
    const other = await startDevice("reference", "other");
    await expect(triple(y).data()).rejects.toThrow("double: failed");
    await other.dispose();
  });
});

describe("debug.nans on a device", () => {
  it("rejects the reads of an operation's results, named", async () => {
    debug.nans(true);
    const x = np.log(f32([2], [-1, 1]));
    await expect(x.data()).rejects.toThrow(NonFiniteError);
    await expect(x.data()).rejects.toThrow("log: the result holds NaN or infinity: got f32[2]");
    await expect(np.add(x, 1).data()).rejects.toThrow("log: the result holds NaN");
    expect([...(await np.log(f32([1], [1])).data())]).toEqual([0]);
  });

  it("names the operation inside of a compiled function, donated arguments or not", async () => {
    debug.nans(true);
    const inner = jit((x: Value) => np.mul(np.log(x), 2), { name: "inner" });
    const f = jit((x: Value, y: Value) => np.add(inner(np.sub(x, 1)), y), {
      name: "outer",
      donateArgnums: [0, 1],
    });
    const start = (): readonly [Value, Value] => [
      np.add(f32([2], [0, 4]), 0),
      np.add(f32([2], [1, 2]), 0),
    ];
    const result = f(...start());
    const after = double(result);
    await expect(result.data()).rejects.toThrow("inner/log: the result holds NaN or infinity");
    await expect(after.data()).rejects.toThrow("inner/log: the result holds NaN or infinity");
    const [nan, fine] = [np.array([NaN, 1]), np.array([1, 1])];
    await expect(f(nan, fine).data()).rejects.toThrow("outer: the arguments hold NaN");
  });

  it("lets finite results through, in a chain of donations", async () => {
    debug.nans(true);
    const step = jit((x: Value) => np.mul(x, 2), { donateArgnums: [0] });
    let x: Value = np.add(f32([2], [1, 2]), 0);
    for (let i = 0; i < 10; i++) x = step(x);
    expect([...(await x.data())]).toEqual([1024, 2048]);
  });
});
