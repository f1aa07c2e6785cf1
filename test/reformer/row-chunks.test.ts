import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init, jit, type Value } from "../../src/index.ts";
import * as ops from "../../src/ir/ops.ts";
import { chunkOf, scanRows } from "../../src/reformer/row-chunks.ts";
import { expectSameBits, normalTensor } from "../support/arrays.ts";

describe("chunks of rows", () => {
  beforeAll(async () => {
    await init("wasm");
  });

  it("divide the rows where a size near the wanted one does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 8 }),
        (rows, wanted, multiple) => {
          const chunk = chunkOf(rows, wanted, multiple);
          const most = Math.min(rows, wanted);
          expect(chunk).toBeLessThanOrEqual(most);
          const candidates = Array.from({ length: most }, (_, i) => i + 1).filter(
            (n) => 2 * n >= most && n % multiple === 0 && rows % n === 0,
          );
          expect(chunk).toBe(candidates.at(-1) ?? most);
        },
      ),
    );
  });

  it("are all rows, in order, whatever their size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        (rows, chunk) => {
          const x = normalTensor(rows, [rows, 3]);
          const [count, doubled] = jit((y: Value) =>
            scanRows<Value, Value, Value>(
              (sum, part) => [ops.add(sum, ops.literal(part.shape[0], "i32")), ops.scale(part, 2)],
              ops.literal(0, "i32"),
              y,
              { chunk },
            ),
          )(x);
          expect(count.item()).toBe(rows);
          expectSameBits(doubled, ops.scale(x, 2), "rows");
        },
      ),
      { numRuns: 30 },
    );
  });
});
