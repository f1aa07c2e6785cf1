/** Tiles of products that are chosen by the device's clock: what is chosen may differ from run to run, results may not. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkTiles } from "../../../src/backends/webgpu/check-options.ts";
import { tileNames, tileOf, tiles } from "../../../src/backends/webgpu/kernels/tiles.ts";
import { Pipelines } from "../../../src/backends/webgpu/pipelines.ts";
import { measureTiles } from "../../../src/backends/webgpu/tune-tiles.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice, openDevice } from "../../support/webgpu-device.ts";

const probe = { large: 128, terms: 16, runs: 2 };
const form = { quadsFrom: 2 ** 40 };

it("a choice is taken for products of its size, the table's tile for all others", () => {
  expect(tileOf(64, 64, {})).toBe(tiles["64x64"]);
  expect(tileOf(1000, 10, {})).toBe(tiles["128x64"]);
  expect(tileOf(1000, 10, { "128x64": "64x64" })).toBe(tiles["64x64"]);
  expect(tileOf(10, 1000, { "128x64": "64x64" })).toBe(tiles["64x128"]);
});

it.each([{ "64x65": "64x64" }, { "64x64": "32x32" }, "64x64", null])(
  "%j is no choice",
  (choice) => {
    expect(() => checkTiles(choice, "tune")).toThrow("tiles");
  },
);

await describeWithDevice("tiles by the clock", () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await openDevice({ requiredFeatures: ["timestamp-query"] });
  });
  afterAll(() => device.destroy());

  it("are tiles of the table, other than its own", { timeout: 120_000 }, async () => {
    const choice = await measureTiles(device, new Pipelines(device, true), form, probe);
    expect(checkTiles(choice, "tune")).toBe(choice);
    for (const [size, tile] of Object.entries(choice ?? { none: "" })) {
      expect(tileNames).toContain(tile);
      expect(tile).not.toBe(size);
    }
  });

  it("without a clock, or on a driver for processors, the table stays", async () => {
    const timeless = await openDevice();
    expect(
      await measureTiles(timeless, new Pipelines(timeless, true), form, probe),
    ).toBeUndefined();
    timeless.destroy();
    const backend = await openWebGpu();
    expect(await backend.tune()).toBeUndefined();
    expect(await backend.tune({ "64x64": "128x64" })).toEqual({ "64x64": "128x64" });
    await expect(backend.tune({ "64x64": "1x1" } as never)).rejects.toThrow("tiles");
    await backend.dispose();
  });
});
