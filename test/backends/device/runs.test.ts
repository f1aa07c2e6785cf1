import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  debug,
  grad,
  init,
  jit,
  makeProgram,
  synchronize,
  dispose,
  Tensor,
  toHost,
  type Value,
} from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { f32, i32 } from "../../support/arrays.ts";
import type { PretendedDevice } from "../../support/device/device.ts";
import { startDevice } from "../../support/device/start.ts";

let device: PretendedDevice;
beforeEach(async () => {
  device = await startDevice();
});
afterEach(() => device.dispose());

const tensor = (value: Value): Tensor => {
  if (value instanceof Tensor) return value;
  throw new TypeError("no tensor");
};

/** An array on the device. */
const placed = (words: readonly number[]): Tensor => tensor(np.add(f32([words.length], words), 0));

const scalar = (x: number): Tensor => tensor(np.sum(f32([1], [x])));

describe("tracing", () => {
  it("makes a literal of a scalar of the host, and an input of one on the device", async () => {
    const x = f32([2], [1, 2]);
    const [host, late] = [tensor(np.array(3)), scalar(3)];
    const literals = makeProgram((y: Value) => np.add(y, host))(x);
    const hidden = makeProgram((y: Value) => np.add(y, late))(x);
    expect([literals.inputs.length, hidden.inputs.length]).toEqual([1, 2]);
    const both = jit((y: Value) => [np.mul(y, host), np.mul(y, late)] as const)(x);
    expect((await toHost(both)).map((each) => each.toArray())).toEqual([
      [3, 6],
      [3, 6],
    ]);
    expect(device.counts.reads).toBe(1);
  });

  it("promotes with a scalar of the device as with one of the host", async () => {
    const weak = tensor(jit((y: Value) => y)(2.5 as unknown as Value));
    const x = i32([2], [1, 2]);
    const f = jit((y: Value) => np.mul(y, weak));
    expect([f(x).dtype, np.mul(x, weak).dtype]).toEqual(["f32", "f32"]);
    const captured = (scalar: Tensor): unknown =>
      makeProgram((y: Value) => np.mul(y, scalar))(x).inputs[0].aval;
    expect([captured(weak), captured(scalar(3))]).toEqual([
      { dtype: "f32", shape: [], weak: true },
      { dtype: "f32", shape: [], weak: false },
    ]);
    const again = jit((y: Value) => np.add(np.mul(y, weak), np.array(1, "f32")));
    expect((await toHost(again(x))).toArray()).toEqual([3.5, 6]);
  });

  it("differentiates what it closes over", async () => {
    const late = scalar(3);
    const slope = grad((x: Value) => np.sum(np.mul(np.mul(x, x), late)));
    expect([...(await slope(placed([1, 2])).data())]).toEqual([6, 12]);
  });
});

describe("runs", () => {
  it("return before they are done, and happen in order", async () => {
    const step = jit((x: Value) => np.mul(x, 2), { name: "step", donateArgnums: [0] });
    let x = placed([1, -1]);
    const first = placed([5]);
    for (let i = 0; i < 20; i++) x = tensor(step(x));
    expect(device.counts.reads).toBe(0);
    expect([...(await x.data())]).toEqual([2 ** 20, -(2 ** 20)]);
    expect([...(await first.data())]).toEqual([5]);
  });

  it("take over what is donated, and hold no more of it", async () => {
    const step = jit((x: Value) => np.mul(x, 2), { name: "step", donateArgnums: [0] });
    let x = tensor(step(placed([1, -1])));
    const held = await device.held();
    for (let i = 0; i < 5; i++) {
      const before = x;
      x = tensor(step(before));
      expect(before.isDonated).toBe(true);
      expect(() => step(before)).toThrow("step: this tensor was donated");
    }
    expect(await device.held()).toBe(held);
  });

  it("leave a read alone that began before what it reads was donated", async () => {
    const x = placed([1, 2]);
    const read = x.data();
    const tree = toHost({ x });
    const y = jit((z: Value) => np.mul(z, 2), { donateArgnums: [0] })(x);
    expect([...(await read)]).toEqual([1, 2]);
    expect((await tree).x.toArray()).toEqual([1, 2]);
    expect([...(await y.data())]).toEqual([2, 4]);
  });

  it("see arrays of the host as they are at the call", async () => {
    const x = f32([2], [1, 2]);
    const words = x.words();
    const y = np.mul(x, 2);
    x.donate("another backend");
    words.fill(100);
    expect([...(await y.data())]).toEqual([2, 4]);
  });

  it("bring an array of the host over once", async () => {
    const [x, y] = [f32([2], [1, 2]), f32([2], [3, 4])];
    const f = jit((a: Value, b: Value) => np.add(a, b));
    const sums = [f(x, y), f(y, x), f(x, x)];
    expect(device.counts.uploads).toBe(2);
    expect((await toHost(sums)).map((each) => each.toArray())).toEqual([
      [4, 6],
      [4, 6],
      [2, 4],
    ]);
  });

  it("print what they see, late and in order", async () => {
    const lines: string[] = [];
    debug.setPrinter((line) => lines.push(line));
    try {
      const f = jit((x: Value) => {
        debug.print("x = {}", x);
        return np.mul(x, 2);
      });
      f(f(placed([1, 2])));
      debug.print("scalar {}", scalar(3));
      expect(lines).toEqual([]);
      await synchronize();
      expect(lines).toEqual(["x = f32[2] [1, 2]", "x = f32[2] [2, 4]", "scalar f32[] 3"]);
    } finally {
      debug.setPrinter((line) => globalThis.console.log(line));
    }
  });

  it("take the same array donated and not", async () => {
    const f = jit((a: Value, b: Value) => np.mul(a, b), { donateArgnums: [0] });
    const x = placed([3, 4]);
    expect([...(await f(x, x).data())]).toEqual([9, 16]);
    expect(x.isDonated).toBe(true);
  });
});

describe("arrays of another place", () => {
  it("are moved from device to device, late", async () => {
    const x = placed([1, 2]);
    const other = await startDevice("reference", "other");
    const y = np.mul(x, 3);
    expect(tensor(y).place).toBe("other");
    const z = np.add(y, x);
    expect(other.counts.moves).toBe(1);
    expect([...(await z.data())]).toEqual([4, 8]);
    setBackend(device);
    expect([...(await np.add(z, x).data())]).toEqual([5, 10]);
    await other.dispose();
  });

  it("are given back where they were when they are donated", async () => {
    const x = placed([1, 2]);
    await device.synchronize();
    const held = await device.held();
    const other = await startDevice("reference", "other");
    const y = jit((z: Value) => np.mul(z, 3), { donateArgnums: [0] })(x);
    expect(x.isDonated).toBe(true);
    expect([...(await y.data())]).toEqual([3, 6]);
    expect([await device.held(), await other.held()]).toEqual([held - 1, 1]);
    await other.dispose();
  });

  it.each(["reference", "wasm"] as const)("are refused by %s, which says why", async (name) => {
    const x = placed([1, 2]);
    await init(name);
    expect(() => np.mul(x, 2)).toThrow(
      "mul: the elements are on pretended, where they cannot be read at once. " +
        "Write `await x.data()`, or `await toHost(tree)` for the same tree on the host.",
    );
    const step = jit((a: Value, b: Value) => np.add(a, b), { name: "step", donateArgnums: [0] });
    const kept = f32([2], [1, 2]);
    expect(() => step(kept, x)).toThrow("step: the elements are on pretended");
    expect(kept.isDonated).toBe(false);
    expect(np.mul(await toHost(x), 2).toArray()).toEqual([2, 4]);
  });
});

describe("the end of a backend", () => {
  it("is waited for", async () => {
    const x = placed([1]);
    const y = np.mul(x, 2);
    await synchronize();
    expect(await device.held()).toBeGreaterThan(0);
    await expect(y.data()).resolves.toEqual(Float32Array.of(2));
  });

  it("by dispose: what was started is done, and nothing begins", async () => {
    const x = placed([1]);
    const read = x.data();
    const { lost } = device;
    await dispose();
    await expect(read).resolves.toEqual(Float32Array.of(1));
    await expect(lost).resolves.toEqual({ reason: "disposed", message: "it was disposed of" });
    expect(() => np.add(x, 1)).toThrow("no backend is selected");
    setBackend(device);
    expect(() => np.add(x, x)).toThrow("add: the backend pretended is gone: it was disposed of");
    await expect(x.data()).rejects.toThrow("read: the backend pretended is gone");
    await expect(synchronize()).rejects.toThrow("synchronize: the backend pretended is gone");
    await dispose();
    await dispose();
  });

  it("by loss: reads that wait and later ones reject, and runs throw", async () => {
    const x = placed([1]);
    const y = np.mul(x, 2);
    const waiting = [y.data(), toHost({ x, y })];
    const told = Promise.allSettled(waiting);
    await device.lose("the cable was pulled");
    const gone = "the backend pretended is gone: the cable was pulled";
    for (const result of await told) {
      expect(result.status === "rejected" && String(result.reason)).toContain(gone);
    }
    await expect(device.lost).resolves.toEqual({
      reason: "failed",
      message: "the cable was pulled",
    });
    await expect(y.data()).rejects.toThrow(gone);
    expect(() => np.mul(y, y)).toThrow(`mul: ${gone}`);
    expect(() => np.exp(y)).toThrow(gone);
    await expect(synchronize()).rejects.toThrow(gone);
    await init("reference");
    expect(np.add(f32([1], [1]), 1).item()).toBe(2);
  });
});
