/* How long the calling thread waits for threads that do not answer, by a clock of the test's own. */
import { afterEach, expect, it, vi } from "vitest";
import { control } from "../../../src/backends/wasm/constants/control.ts";
import { opcode } from "../../../src/backends/wasm/constants/opcodes.ts";
import { callerPark, ThreadsLost } from "../../../src/backends/wasm/threads/park.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Seconds until somebody who waits at a word gives up, while the caller is at a step of this kind. */
function secondsUntilLost(address: number, step: readonly number[]): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const words = new Int32Array(memory.buffer);
  const code = 8192;
  words[control.code >>> 2] = code;
  words[control.currentSteps >>> 2] = 7;
  words.set(step, (code >>> 2) + 7);
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 500));
  const park = callerPark(memory);
  try {
    // The word does not have this value, so that nobody sleeps.
    for (;;) park(address, 12345);
  } catch (error) {
    expect(error).toBeInstanceOf(ThreadsLost);
    return now / 1000;
  }
}

const kernelStep = (work: number, shares: number) => [opcode.firstKernel + 3, 9, work, shares];

it("two seconds where others need only walk on, whatever the step", () => {
  expect(secondsUntilLost(control.left, kernelStep(1e9, 3))).toBeCloseTo(2.5);
});

it("a little more where others do a small share", () => {
  expect(secondsUntilLost(control.done, kernelStep(3000, 3))).toBeCloseTo(3);
});

it("as long as a large share may take on a busy machine, with a limit", () => {
  expect(secondsUntilLost(control.done, kernelStep(3e7, 3))).toBeCloseTo(12.5);
  expect(secondsUntilLost(control.done, kernelStep(2e9, 3))).toBeCloseTo(120.5);
});

it("two seconds at steps that nobody shares", () => {
  expect(secondsUntilLost(control.done, [opcode.call, 9, 2e9, 3])).toBeCloseTo(2.5);
});
