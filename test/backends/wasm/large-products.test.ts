/** Products that are worth packing an operand once for all shares: the same bits as on one thread, which packs block by block. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createWasmBackend } from "../../../src/backends/wasm/index.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import { init, jit } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as lax from "../../../src/lax/index.ts";
import { expectSameBits, normalTensor } from "../../support/arrays.ts";

const alone = await createWasmBackend({ threads: 1 });
const together = await createWasmBackend({ threads: 2 });
const dawdling = await createWasmBackend({ threads: 3, faults: () => ({ delaySeed: 5 }) });

afterAll(async () => {
  await init();
});

/** Which axis of each operand is summed over; a batch of left operands shares the right one. */
interface Layout {
  readonly left: 0 | 1;
  readonly right: 0 | 1;
  readonly batch: 1 | 3;
}

/** The larger of the outer sizes decides which operand all shares read. */
const sizes = [
  [520, 130, 70],
  [70, 300, 520],
  [260, 260, 130],
  [1100, 16, 257],
] as const;

const layouts = fc.record<Layout>({
  left: fc.constantFrom(0, 1),
  right: fc.constantFrom(0, 1),
  batch: fc.constantFrom(1, 3),
});

const product = ({ left, right, batch }: Layout) =>
  jit((x: Tensor, y: Tensor) =>
    lax.dotGeneral(x, y, {
      lhsContract: [batch === 1 ? left : left + 1],
      rhsContract: [right],
      lhsBatch: [],
      rhsBatch: [],
    }),
  );

test("have the bits that they have on one thread, in every layout", () => {
  let packed = 0;
  fc.assert(
    fc.property(fc.constantFrom(...sizes), layouts, ([m, k, n], layout) => {
      const { left, right, batch } = layout;
      const rows = left === 1 ? [m, k] : [k, m];
      const x = normalTensor(m + n, batch === 1 ? rows : [batch, ...rows]);
      const y = normalTensor(k, right === 0 ? [k, n] : [n, k]);
      setBackend(alone);
      const expected = product(layout)(x, y);
      for (const backend of [together, dawdling]) {
        setBackend(backend);
        const multiply = product(layout);
        packed += Number(multiply.lower(x, y).report.plan.includes("packMatrix"));
        expectSameBits(multiply(x, y), expected, JSON.stringify(layout));
      }
    }),
    { numRuns: 40 },
  );
  expect(packed).toBeGreaterThan(20);
});
