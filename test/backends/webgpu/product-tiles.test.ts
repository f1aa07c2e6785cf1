/** A matrix product has the same bits with every tile: which one is the fastest may be a machine's own. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Pipelines } from "../../../src/backends/webgpu/pipelines.ts";
import { PreparedList } from "../../../src/backends/webgpu/prepared-list.ts";
import { init, type Value } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { floats } from "../../device/kernels/inputs.ts";
import { tiles } from "../../device/kernels/tiles.ts";
import { has, placeProgram, type Variant } from "../../device/kernels/timed-program.ts";
import { describeWithDevice, openDevice } from "../../support/webgpu-device.ts";

/** Tiles that stick out on both sides, a last step with few terms. */
const left = [131, 37] as const;
const right = [37, 70] as const;

const layouts: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  "as they lie": (a, b) => np.matmul(a, b),
  transposed: (a, b) => np.matmul(np.transpose(b), np.transpose(a)),
};

await describeWithDevice("products with every tile", () => {
  let device: GPUDevice;
  let pipelines: Pipelines;
  beforeAll(async () => {
    // Programs are traced with a backend at hand; nothing runs on it.
    setBackend(await init("reference"));
    device = await openDevice();
    pipelines = new Pipelines(device, true);
  });
  afterAll(() => device.destroy());

  async function product(layout: string, tile: Variant): Promise<Uint32Array> {
    const inputs = [floats(left), floats(right)];
    const compute = (a: Value, b: Value): readonly Value[] => [layouts[layout](a, b)];
    const placed = placeProgram(device, pipelines, { inputs, compute }, tile);
    const { plan, work, ground, addressOf } = placed;
    expect(work.some((each) => each.kind === "dispatch" && has(each, tile))).toBe(true);
    const [{ at, bytes }] = plan.outputs;
    if (!at) throw new Error("there is no result");
    const staging = device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const list = new PreparedList(ground, work, "product");
    const last = (encoder: GPUCommandEncoder): void =>
      encoder.copyBufferToBuffer(ground.arena, addressOf(at), staging, 0, bytes);
    list.submit({ last, times: undefined });
    await staging.mapAsync(GPUMapMode.READ);
    return new Uint32Array(staging.getMappedRange().slice(0));
  }

  it.each(Object.keys(layouts))("%s", { timeout: 120_000 }, async (layout) => {
    const first = await product(layout, tiles[0]);
    expect(first.some((word) => word !== 0)).toBe(true);
    for (const tile of tiles.slice(1)) {
      expect(await product(layout, tile), JSON.stringify(tile)).toEqual(first);
    }
  });
});
