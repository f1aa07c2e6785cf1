import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackendError, jit, makeProgram, Tensor, toHost, type Value } from "../../../src/index.ts";
import * as np from "../../../src/numpy/index.ts";
import { f32, i32 } from "../../support/arrays.ts";
import type { PretendedDevice } from "../../support/device/device.ts";
import { startDevice } from "../../support/device/start.ts";

let device: PretendedDevice;
beforeAll(async () => {
  device = await startDevice();
});
afterAll(() => device.dispose());

const tensor = (value: Value): Tensor => {
  if (value instanceof Tensor) return value;
  throw new TypeError("no tensor");
};

describe("an array on a device", () => {
  it("says where it is, and reads late", async () => {
    const x = tensor(np.add(f32([2], [1, 2]), 1));
    expect([x.place, f32([2], [1, 2]).place]).toEqual(["pretended", "host"]);
    expect(String(x)).toBe("f32[2] on pretended");
    expect([...(await x.data())]).toEqual([2, 3]);
    expect(x.isDonated).toBe(false);
  });

  it("refuses to be read at once, and says what to do", () => {
    const x = tensor(np.sum(f32([2], [1, 2])));
    const reads = {
      item: () => x.item(),
      toArray: () => x.toArray(),
      dataSync: () => x.dataSync(),
      words: () => x.words(),
    };
    for (const [name, read] of Object.entries(reads)) {
      expect(read, name).toThrow(BackendError);
      expect(read, name).toThrow(
        `${name}: the elements are on pretended, where they cannot be read at once. ` +
          "Write `await x.data()`, or `await toHost(tree)` for the same tree on the host.",
      );
    }
  });

  it("gives a copy: what is done to it changes nothing", async () => {
    const x = np.add(f32([2], [1, 2]), 1);
    const words = await x.data();
    words.fill(7);
    expect([...(await x.data())]).toEqual([2, 3]);
  });

  it.each(["bool", "i32", "u32", "q32.20"] as const)("comes back as %s", async (dtype) => {
    const words = Int32Array.from([1, 0, 1]);
    const like = new Tensor({ shape: [3], dtype, weak: false }, words);
    const [x] = [jit((y: Value) => np.flip(np.flip(y)))(like)];
    expect(tensor(x).place).toBe("pretended");
    const host = await toHost(tensor(x));
    expect([host.dtype, host.words().constructor]).toEqual([dtype, like.words().constructor]);
    expect([...host.words()]).toEqual([1, 0, 1]);
  });

  it("compares late only", async () => {
    const x = np.add(f32([2], [1, 2]), 1);
    expect(() => np.allclose(x, [2, 3])).toThrow(/allclose: the elements are on pretended/);
    expect(() => np.arrayEqual([2, 3], x)).toThrow(/arrayEqual: the elements are on pretended/);
    expect(np.allclose(await toHost(x), [2, 3])).toBe(true);
    expect(np.arrayEqual(await toHost(x), [2, 3])).toBe(true);
  });
});

describe("toHost", () => {
  it("reads a tree at once, whatever is in it", async () => {
    const host = i32([1], [5]);
    const x = np.add(f32([2], [1, 2]), 1);
    const tree = { x, again: [x, np.sum(x)], host, text: "text", none: null };
    const { reads } = device.counts;
    const got = await toHost(tree);
    expect(device.counts.reads).toBe(reads + 1);
    expect([got.x.toArray(), got.again[0].toArray(), got.again[1].item()]).toEqual([
      [2, 3],
      [2, 3],
      5,
    ]);
    expect(got.host).toBe(host);
    expect([got.text, got.none]).toEqual(["text", null]);
    // Two arrays of the host that owned the same words would not survive a donation of one.
    expect([got.x === x, got.again[0] === got.x]).toEqual([false, true]);
  });

  it("reads one time for each device", async () => {
    const x = np.add(f32([1], [1]), 1);
    const other = await startDevice("reference", "other");
    const y = np.add(f32([1], [1]), 2);
    const before = [device.counts.reads, other.counts.reads];
    const got = await toHost([x, y, x, y]);
    expect(got.map((each) => each.item())).toEqual([2, 3, 2, 3]);
    expect([device.counts.reads, other.counts.reads]).toEqual(before.map((n) => n + 1));
    await other.dispose();
    device = await startDevice();
  });

  it("is the tree itself where everything is on the host", async () => {
    const tree = { x: f32([1], [1]), n: 3 };
    expect(await toHost(tree)).toBe(tree);
  });

  it("keeps what a scalar weighs in promotions", async () => {
    const weak = tensor(jit((y: Value) => y)(2.5 as unknown as Value));
    expect([weak.aval.weak, (await toHost(weak)).aval]).toEqual([true, weak.aval]);
  });

  it("rejects what was donated, and traced values, and never throws", async () => {
    const [x, y] = [f32([1], [1]), tensor(np.add(f32([1], [1]), 1))];
    for (const each of [x, y]) {
      each.donate("step");
      await expect(toHost({ each })).rejects.toThrow("step: this tensor was donated");
      await expect(each.data()).rejects.toThrow("step: this tensor was donated");
    }
    let found: Promise<unknown> | undefined;
    makeProgram((z: Value) => {
      found = toHost({ z });
      found.catch(() => undefined);
      return z;
    })(f32([1], [1]));
    await expect(found).rejects.toThrow("toHost() needs a concrete array");
  });
});
