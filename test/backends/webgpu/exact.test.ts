/** What exact reversibility rests on, on the device itself: what is computed again has the same bits. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { jit, toHost, type Backend, type Value } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as lax from "../../../src/lax/index.ts";
import * as nn from "../../../src/nn/index.ts";
import * as np from "../../../src/numpy/index.ts";
import { invert, reversible, stored } from "../../../src/reformer/stack/reversible.ts";
import { expectSameBits, normalTensor } from "../../support/arrays.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice } from "../../support/webgpu-device.ts";
import { differences, exact, gradientsOf, streamsOf } from "../../reformer/stack-gradients.ts";
import { defaultOptions, makeStack, type StackOptions } from "../../reformer/stacks.ts";

const stacks: Readonly<Record<string, Partial<StackOptions>>> = {
  "local and lsh, dropout everywhere": { kinds: ["local", "lsh"] },
  "a shared context, padding, an odd number of rows": {
    kinds: ["memory", "lsh"],
    padded: true,
    causal: false,
    rowChunk: 7,
  },
  "local attention in segments": { kinds: ["local"], length: 24, rowChunk: 12 },
};

await describeWithDevice("exactness on WebGPU", () => {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await openWebGpu();
  });
  afterAll(() => gpu.dispose());

  it.each(Object.entries(stacks))(
    "%s: streams are rebuilt, and the gradient is the stored one",
    { timeout: 300_000 },
    async (_, choices) => {
      setBackend(gpu);
      const stack = makeStack({ ...defaultOptions, batch: 1, ...choices });
      const { layers, params, context, inputs } = stack;
      const start = streamsOf(inputs, exact);
      const { streams } = jit(reversible(layers))(params, start, context);
      const back = jit(invert(layers))(params, streams, context);
      const all = await toHost({
        start,
        back,
        ours: gradientsOf(reversible(layers), stack, exact),
        theirs: gradientsOf(stored(layers), stack, exact),
      });
      expectSameBits(all.back.first, all.start.first, "first stream");
      expectSameBits(all.back.second, all.start.second, "second stream");
      expect(differences(all.ours, all.theirs)).toEqual([]);
    },
  );

  /** A contribution to an exact stream, computed with other work around it. */
  const contribution = (x: Value, y: Value): Value =>
    lax.toFixed(np.add(np.multiply(nn.gelu(x), y), np.divide(x, np.add(np.abs(y), 1))));

  it("fused and unfused programs, and repeated runs, have the same bits", async () => {
    const [x, y] = [normalTensor(1, [4096]), normalTensor(2, [4096])];
    const results: Value[] = [];
    for (const fusion of [true, true, false]) {
      const backend = await openWebGpu({ fusion });
      setBackend(backend);
      const f = jit(contribution);
      results.push(await toHost(f(x, y)));
      results.push(await toHost(f(x, y)));
      await backend.dispose();
    }
    for (const result of results) expectSameBits(result, results[0], "contribution");
  });
});
