/** Products that are worth packing an operand once for all shares: the same bits as on one thread, which packs block by block. */
import { afterAll, describe, expect, it } from "vitest";
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

const layouts: readonly Layout[] = [
  { left: 0, right: 0, batch: 1 },
  { left: 0, right: 0, batch: 3 },
  { left: 0, right: 1, batch: 1 },
  { left: 0, right: 1, batch: 3 },
  { left: 1, right: 0, batch: 1 },
  { left: 1, right: 0, batch: 3 },
  { left: 1, right: 1, batch: 1 },
  { left: 1, right: 1, batch: 3 },
];

const product = ({ left, right, batch }: Layout) =>
  jit((x: Tensor, y: Tensor) =>
    lax.dotGeneral(x, y, {
      lhsContract: [batch === 1 ? left : left + 1],
      rhsContract: [right],
      lhsBatch: [],
      rhsBatch: [],
    }),
  );

describe.each(sizes)("products of %i x %i x %i", (m, k, n) => {
  it.each(layouts)("have the bits that they have on one thread, for %o", (layout) => {
    const { left, right, batch } = layout;
    const rows = left === 1 ? [m, k] : [k, m];
    const x = normalTensor(m + n, batch === 1 ? rows : [batch, ...rows]);
    const y = normalTensor(k, right === 0 ? [k, n] : [n, k]);
    setBackend(alone);
    const expected = product(layout)(x, y);
    for (const backend of [together, dawdling]) {
      setBackend(backend);
      const multiply = product(layout);
      // With a batch of left operands, sharing the right one is not always worth a packing.
      if (batch === 1) expect(multiply.lower(x, y).report.plan).toContain("packMatrix");
      expectSameBits(multiply(x, y), expected, "bits");
    }
  });
});
