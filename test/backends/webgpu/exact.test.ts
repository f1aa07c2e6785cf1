/** What exact reversibility rests on, on the device itself: what is computed again has the same bits. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Backend } from "../../../src/index.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice } from "../../support/webgpu-device.ts";
import { contributionProblems, stackProblems, stacks } from "./exact-cases.ts";

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
      expect(await stackProblems(gpu, choices)).toEqual([]);
    },
  );

  it("fused and unfused programs, and repeated runs, have the same bits", async () => {
    expect(await contributionProblems(openWebGpu, 4096)).toEqual([]);
  });
});
