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

/** Tiles that stick out on both sides, a last step with few terms; in fours where four words are read at a time. */
const sizes = {
  "as they lie": { m: 131, k: 37, n: 70 },
  transposed: { m: 131, k: 37, n: 70 },
  "in fours": { m: 132, k: 36, n: 72 },
} as const;
type Layout = keyof typeof sizes;

const layouts: Readonly<Record<Layout, (a: Value, b: Value) => Value>> = {
  "as they lie": (a, b) => np.matmul(a, b),
  "in fours": (a, b) => np.matmul(a, b),
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

  async function product(layout: Layout, tile: Variant, inFours: boolean): Promise<Uint32Array> {
    const { m, k, n } = sizes[layout];
    const inputs = [floats([m, k]), floats([k, n])];
    const compute = (a: Value, b: Value): readonly Value[] => [layouts[layout](a, b)];
    const placed = placeProgram(device, pipelines, { inputs, compute }, tile, {
      quadsFrom: inFours ? 0 : 2 ** 40,
    });
    const { plan, work, ground, addressOf } = placed;
    const varied = work.flatMap((each) =>
      each.kind === "dispatch" && has(each, tile) ? [each.kernel.name] : [],
    );
    expect(varied).toEqual([inFours ? "matmul (wide)" : "matmul"]);
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

  it.each(Object.keys(sizes) as Layout[])("%s", { timeout: 120_000 }, async (layout) => {
    const first = await product(layout, tiles[0], false);
    expect(first.some((word) => word !== 0)).toBe(true);
    const inFours = layout === "in fours";
    for (const tile of inFours ? tiles : tiles.slice(1)) {
      expect(await product(layout, tile, inFours), JSON.stringify(tile)).toEqual(first);
    }
  });
});
