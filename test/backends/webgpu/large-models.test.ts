/** What the largest models need of a device, known without one. */
import { describe, expect, it } from "vitest";
import { tracedStep } from "../../../bench/measures/traced-step.ts";
import { deviceModel, deviceNovelModel } from "../../../bench/models.ts";
import { layOut } from "../../../src/backends/webgpu/lay-out.ts";
import { dispatchesOf } from "../../../src/backends/webgpu/record.ts";
import { gpuTarget } from "../../../src/backends/webgpu/target.ts";
import { windowsOf } from "../../../src/backends/webgpu/windows.ts";
import { defaultFlags, planProgram } from "../../../src/plan/index.ts";

const gibibyte = 2 ** 30;

/** Those of large graphics processors by way of Vulkan. */
const limits = { mostBytes: 64 * gibibyte, windowBytes: 2 * gibibyte - 256 };

const models = {
  "trax's model of enwik8, 12 layers, 65,536 tokens": deviceModel(65_536, 12),
  "a novel of 524,288 tokens": deviceNovelModel(524_288),
};

/** That a step may take: calls merged, some heads side by side. */
const mostDispatches = 6_500;

describe("large models on a graphics processor", () => {
  it.each(Object.entries(models))("%s", { timeout: 120_000 }, async (_, settings) => {
    const program = await tracedStep(settings);
    const { target, kernelOf } = gpuTarget();
    const plan = planProgram(program, target, defaultFlags);
    const plain = layOut(plan, kernelOf, { ...limits, spareBytes: 0, merges: false });
    const { arenaBytes, spareBytes, segments } = layOut(plan, kernelOf, {
      ...limits,
      merges: true,
    });
    expect(arenaBytes).toBeLessThan(6 * gibibyte);
    // More than a binding reaches: windows are what this is about.
    expect(arenaBytes).toBeGreaterThan(limits.windowBytes);
    expect(spareBytes).toBeGreaterThan(0);
    expect(dispatchesOf(segments)).toBeLessThan(mostDispatches);
    expect(dispatchesOf(segments)).toBeLessThan(0.6 * dispatchesOf(plain.segments));
    const sizes = [...plain.segments, ...segments].flatMap((segment) => {
      if (segment.kind !== "work") throw new Error("the host has a part in the step");
      return segment.work.flatMap((each) =>
        each.kind === "dispatch"
          ? windowsOf(each.reach, arenaBytes, limits.windowBytes, each.kernel.name).windows
          : [],
      );
    });
    const largest = sizes.reduce((most, { size }) => Math.max(most, size), 0);
    expect(largest).toBeLessThanOrEqual(limits.windowBytes);
  });
});
