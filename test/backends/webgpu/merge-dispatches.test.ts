/** Merged lists of kernel calls leave the same words behind, whatever depends on what. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  choose,
  type DeviceWork,
  type Dispatch,
  type OperandRange,
} from "../../../src/backends/webgpu/dispatch-list.ts";
import { mergeDispatches } from "../../../src/backends/webgpu/merge-dispatches.ts";
import { canReach } from "../../../src/backends/webgpu/windows.ts";
import {
  u32,
  written,
  type KernelSource,
} from "../../../src/backends/webgpu/wgsl/kernel-source.ts";

const words = 96;
const arenaBytes = 4 * words;

/** Kernels that differ in their names alone: each reads two ranges, and writes a third. */
const kernelNamed = (name: string): KernelSource => ({
  name,
  granularity: "threads",
  workgroupSize: 64,
  operands: [...u32("a", "b"), ...written(u32("to"))],
  constants: [],
  numbers: u32("seed"),
  body: "",
  count: () => 1,
});

const call = (kernel: KernelSource, seed: number, operands: readonly OperandRange[]): Dispatch => ({
  kind: "dispatch",
  kernel,
  constants: [],
  jobs: [{ numbers: [seed], operands, count: 1 }],
  reach: operands,
  info: { operation: kernel.name, within: "", name: `${seed}`, flops: seed, bytes: 1, results: "" },
});

const range = fc
  .tuple(fc.nat(words - 1), fc.nat(12))
  .map(([at, size]) => ({ begin: 4 * at, end: 4 * Math.min(words, at + size) }));
const list = fc.array(
  fc
    .tuple(fc.constantFrom("one", "two"), fc.nat(1000), range, range, range)
    .map(([name, seed, ...operands]) => call(kernelNamed(name), seed, operands)),
  { maxLength: 40 },
);

/** What a list leaves behind: jobs of a dispatch read what was there before all of them, and write in any order. */
function run(work: readonly DeviceWork[]): readonly number[] {
  const memory = Uint32Array.from({ length: words }, (_, i) => i);
  for (const each of work) {
    if (each.kind === "choice") continue;
    const before = memory.slice();
    for (const { numbers, operands } of each.jobs.toReversed()) {
      const [a, b, to] = operands.map(({ begin, end }) => before.subarray(begin / 4, end / 4));
      const sum = [...a, ...b, ...to, numbers[0]].reduce(
        (hash, word) => Math.imul(hash ^ word, 0x01000193) >>> 0,
        0x811c9dc5,
      );
      for (let at = operands[2].begin; at < operands[2].end; at += 4) memory[at / 4] = sum ^ at;
    }
  }
  return [...memory];
}

const everywhere = canReach(arenaBytes, arenaBytes);
const dispatches = (work: readonly DeviceWork[]): readonly Dispatch[] =>
  work.flatMap((each) => (each.kind === "dispatch" ? [each] : []));

describe("merged kernel calls", () => {
  it("leave the same words behind, and keep what is known of them", () => {
    fc.assert(
      fc.property(list, (work) => {
        const merged = dispatches(mergeDispatches(work, everywhere));
        expect(run(merged)).toEqual(run(work));
        const jobs = (all: readonly Dispatch[]): readonly number[] =>
          all.flatMap((each) => each.jobs.map(({ numbers }) => numbers[0])).sort((a, b) => a - b);
        expect(jobs(merged)).toEqual(jobs(work));
        const flops = (all: readonly Dispatch[]): number =>
          all.reduce((sum, { info }) => sum + (info?.flops ?? 0), 0);
        expect(flops(merged)).toBe(flops(work));
      }),
      { numRuns: 500 },
    );
  });

  it("reach their operands through windows that can be bound", () => {
    fc.assert(
      fc.property(list, fc.constantFrom(64, 128, 256), (work, most) => {
        const reaches = canReach(arenaBytes, 4 * most);
        const possible = work.filter(({ reach }) => reaches(reach));
        const merged = dispatches(mergeDispatches(possible, reaches));
        expect(run(merged)).toEqual(run(possible));
        expect(merged.every(({ reach }) => reaches(reach))).toBe(true);
        for (const { reach, jobs } of merged) {
          for (const { operands } of jobs) {
            operands.forEach(({ begin, end }, k) => {
              expect(begin).toBeGreaterThanOrEqual(reach[k].begin);
              expect(end).toBeLessThanOrEqual(reach[k].end);
            });
          }
        }
      }),
    );
  });

  it("are one dispatch where nothing depends on anything, and as many as before in a chain", () => {
    const kernel = kernelNamed("one");
    const at = (i: number): OperandRange => ({ begin: 4 * i, end: 4 * i + 4 });
    const apart = Array.from({ length: 9 }, (_, i) => call(kernel, i, [at(i), at(i), at(20 + i)]));
    const chain = Array.from({ length: 9 }, (_, i) => call(kernel, i, [at(i), at(i), at(i + 1)]));
    expect(mergeDispatches(apart, everywhere)).toHaveLength(1);
    expect(mergeDispatches(chain, everywhere)).toHaveLength(9);
    const [{ info }] = dispatches(mergeDispatches(apart, everywhere));
    expect(info?.name).toBe("0 and 8 more");
  });

  it("do not pass a choice, nor leave its branches", () => {
    const kernel = kernelNamed("one");
    const at = (i: number): OperandRange => ({ begin: 4 * i, end: 4 * i + 4 });
    const single = (i: number): Dispatch => call(kernel, i, [at(i), at(i), at(20 + i)]);
    const choice = choose(0, [[single(1), single(2)], [single(3)]]);
    const merged = mergeDispatches([single(4), single(5), ...choice, single(6)], everywhere);
    expect(merged.map(({ kind }) => kind)).toEqual([
      "dispatch",
      "choice",
      "dispatch",
      "dispatch",
      "dispatch",
      "dispatch",
    ]);
    expect(merged.slice(2, 5)).toEqual(choice.slice(1));
  });
});
