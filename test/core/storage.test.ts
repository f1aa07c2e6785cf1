import { describe, expect, it } from "vitest";
import { avalOf } from "../../src/core/aval.ts";
import type { Words } from "../../src/core/dtype.ts";
import { Outcome } from "../../src/core/outcome.ts";
import type { Device, DeviceStorage, ResidentStorage } from "../../src/core/storage.ts";
import { Tensor } from "../../src/core/tensor.ts";
import { toHost } from "../../src/core/to-host.ts";
import { f32 } from "../support/arrays.ts";

/** In memory of its own, of which the words are a copy each time. */
const resident = (words: readonly number[]): Tensor => {
  const storage: ResidentStorage = {
    kind: "resident",
    place: { name: "arena" },
    words: () => Float32Array.from(words),
    release: () => undefined,
  };
  return new Tensor(avalOf("f32", [words.length]), storage);
};

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("a resident array", () => {
  it("is read at once, where it is", async () => {
    const x = resident([1, 2]);
    expect([x.place, x.isDonated, x.toArray()]).toEqual(["arena", false, [1, 2]]);
    expect([...x.dataSync(), ...x.words(), ...(await x.data())]).toEqual([1, 2, 1, 2, 1, 2]);
    expect(String(x)).toBe("f32[2] [1, 2]");
    expect(resident([3]).item()).toBe(3);
    expect(await toHost(x)).toBe(x);
  });

  it("is given away as the storage that it is", () => {
    const x = resident([1, 2]);
    const { storage } = x;
    expect(x.donate("step")).toBe(storage);
    expect([String(x), x.isDonated]).toEqual(["Tensor<donated>", true]);
    for (const use of [() => x.words(), () => x.storage, () => x.place, () => x.donate("again")])
      expect(use).toThrow("step: this tensor was donated and has no elements any more");
  });
});

describe("data()", () => {
  it("always returns a promise, also of what is gone", async () => {
    const x = f32([2], [1, 2]);
    expect([...(await x.data())]).toEqual([1, 2]);
    x.donate("step");
    const read = x.data();
    expect(read).toBeInstanceOf(Promise);
    await expect(read).rejects.toThrow("step: this tensor was donated");
  });

  it("reads what was there when it was asked", async () => {
    const x = f32([2], [1, 2]);
    const read = x.data();
    x.words().fill(9);
    x.donate("step");
    expect([...(await read)]).toEqual([1, 2]);
  });
});

describe("a read of a device", () => {
  const placed = (device: Device, outcome: Outcome): Tensor => {
    const storage: DeviceStorage = {
      kind: "device",
      place: device,
      outcome,
      release: () => undefined,
      hold: () => () => undefined,
    };
    return new Tensor(avalOf("f32", [1]), storage);
  };
  const device = (read: () => Promise<Words>): Device => ({
    name: "device",
    read: (storages) => Promise.all(storages.map(read)),
  });

  it("rejects with what went wrong in computing rather than with what goes wrong in reading", async () => {
    const broken = device(() => Promise.reject(new Error("cannot be read")));
    const failed = new Outcome([later(5).then(() => Promise.reject(new Error("the step failed")))]);
    await expect(placed(broken, failed).data()).rejects.toThrow("the step failed");
    await expect(placed(broken, new Outcome()).data()).rejects.toThrow("cannot be read");
    const mixed = toHost([placed(broken, new Outcome()), placed(broken, failed)]);
    await expect(mixed).rejects.toThrow("the step failed");
  });

  it("waits for the outcome, even where the elements are there", async () => {
    const order: string[] = [];
    const outcome = new Outcome([later(10).then(() => order.push("done"))]);
    const quick = device(() => Promise.resolve(Float32Array.of(1)));
    await placed(quick, outcome).data();
    order.push("read");
    expect(order).toEqual(["done", "read"]);
    expect(outcome.pending).toBeUndefined();
  });
});

describe("an outcome", () => {
  it("tells the failure of the condition that was first, whichever fails first", async () => {
    const late = later(10).then(() => Promise.reject(new Error("first")));
    const early = Promise.reject(new Error("second"));
    await expect(new Outcome([late, early]).settled()).rejects.toThrow("first");
    const outcome = new Outcome([undefined, Promise.resolve()]);
    outcome.require(early);
    await expect(outcome.settled()).rejects.toThrow("second");
  });

  it("keeps no promise of what is done", async () => {
    let outcome = new Outcome();
    for (let i = 0; i < 100; i++) outcome = new Outcome([outcome.pending, later(0)]);
    await outcome.settled();
    expect(outcome.pending).toBeUndefined();
  });
});
