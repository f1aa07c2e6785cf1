/** Choices on the device, loops and callbacks of the host, in any nesting. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import * as debug from "../../../src/debug/index.ts";
import {
  cond,
  grad,
  init,
  jit,
  scan,
  toHost,
  whileLoop,
  type Backend,
  type Value,
} from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import { offload, switchCase } from "../../../src/lax/index.ts";
import * as np from "../../../src/numpy/index.ts";
import { f32, i32 } from "../../support/arrays.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice } from "../../support/webgpu-device.ts";

await describeWithDevice("control on WebGPU", () => {
  let wasm: Backend;
  let gpu: Backend;
  beforeAll(async () => {
    wasm = await init("wasm");
    gpu = await openWebGpu();
  });
  afterAll(() => gpu.dispose());

  /** The same on both, read. */
  async function onBoth<T>(compute: () => T): Promise<readonly [T, T]> {
    setBackend(gpu);
    const late = compute();
    const got = await toHost(late);
    setBackend(wasm);
    return [got, compute()];
  }

  /** A program of nested choices: each leaf does something of its own. */
  type Choices = number | readonly [axis: number, branches: readonly Choices[]];
  const { tree } = fc.letrec<{ tree: Choices }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.integer({ min: 1, max: 9 }),
      fc.tuple(fc.nat(2), fc.array(tie("tree"), { minLength: 1, maxLength: 3 })),
    ),
  }));
  const apply = (choices: Choices, x: Value, indices: readonly Value[]): Value => {
    if (typeof choices === "number") return np.add(np.multiply(x, choices), np.sum(x));
    const [axis, branches] = choices;
    const chosen = switchCase(
      indices[axis],
      branches.map((branch) => (y: Value) => apply(branch, y, indices)),
      x,
    );
    return np.add(chosen, 1);
  };

  it("nested choices are made on the device as on the host", async () => {
    await fc.assert(
      fc.asyncProperty(
        tree,
        fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 3, maxLength: 3 }),
        async (choices, at) => {
          const f = jit((x: Value, a: Value, b: Value, c: Value) => apply(choices, x, [a, b, c]));
          const [got, expected] = await onBoth(() => {
            const [a, b, c] = at.map((index) => i32([], [index]));
            return f(f32([3], [1, 2, 3]), a, b, c);
          });
          expect((got as never as { toArray(): unknown }).toArray()).toEqual(
            (expected as never as { toArray(): unknown }).toArray(),
          );
        },
      ),
      { numRuns: 30, seed: 11 },
    );
  });

  it("what a choice decides is differentiated", async () => {
    const f = grad((x: Value) =>
      cond(
        np.greater(x, 0),
        (y: Value) => np.multiply(y, y),
        (y: Value) => np.negative(y),
        x,
      ),
    );
    const [got, expected] = await onBoth(() => [f(f32([], [3])), f(f32([], [-3]))]);
    expect(got.map(String)).toEqual(expected.map(String));
  });

  it("loops whose end the device finds, around and inside of choices", async () => {
    const collatz = (n: Value): Value =>
      whileLoop(
        ([m]: readonly [Value, Value]) => np.notEqual(m, 1),
        ([m, count]: readonly [Value, Value]) =>
          [
            cond(
              np.equal(np.remainder(m, 2), 0),
              (k: Value) => np.floorDivide(k, 2),
              (k: Value) => np.add(np.multiply(k, 3), 1),
              m,
            ),
            np.add(count, 1),
          ] as const,
        [n, i32([], [0])] as const,
      )[1];
    const steps = jit(collatz);
    const chosen = jit((p: Value, n: Value) => cond(p, collatz, (m: Value) => m, n));
    const [got, expected] = await onBoth(() => [
      steps(i32([], [27])),
      chosen(np.array(true), i32([], [6])),
      chosen(np.array(false), i32([], [6])),
    ]);
    expect(got.map(String)).toEqual(expected.map(String));
    expect(String(expected[0])).toContain("111");
  });

  it("a callback sees what was computed before it, and later runs wait for it", async () => {
    const lines: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
    try {
      setBackend(gpu);
      const step = jit((x: Value) => {
        const y = np.add(x, 1);
        debug.print("y is {}", y);
        return np.multiply(y, 2);
      });
      const result = step(step(step(f32([], [1]))));
      expect(String(await toHost(result))).toContain("22");
    } finally {
      log.mockRestore();
    }
    expect(lines.map((line) => /[\d.]+$/.exec(line)?.[0])).toEqual(["2", "5", "11"]);
  });

  it("scans are unrolled; off-loaded values come back", async () => {
    const f = jit((x: Value) => {
      const kept = offload(np.multiply(x, 2));
      const [sum, sums] = scan(
        (carry: Value, row: Value) => [np.add(carry, row), np.multiply(carry, row)] as const,
        np.array(0),
        x,
      );
      return [np.add(kept, sum), sums] as const;
    });
    const [got, expected] = await onBoth(() => f(f32([4], [1, 2, 3, 4])));
    expect(got.map(String)).toEqual(expected.map(String));
  });
});
