import { beforeAll, describe, expect, it } from "vitest";
import { copyBatch } from "../../experiments/copy/sequences.ts";
import { modelOf, settingsOf, type CopySettings } from "../../experiments/copy/settings.ts";
import { plainLogits } from "../../experiments/plain/network.ts";
import { init } from "../../src/init.ts";
import { initParams, logits } from "../../src/reformer/index.ts";
import { key } from "../../src/random/index.ts";
import { runKeys } from "../../src/training/index.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const small: CopySettings = settingsOf.smallest[0];

describe("sequences 0w0w", () => {
  it("repeat w behind a 0, and ask for the second w alone", () => {
    const { tokens, targets } = copyBatch({ length: 16, symbols: 5 }, 8, runKeys(3), 2);
    const rows = tokens.toArray() as number[][];
    for (const [i, row] of rows.entries()) {
      expect(row.slice(8)).toEqual(row.slice(0, 8));
      expect(row[0]).toBe(0);
      expect(row.slice(1, 8).every((symbol) => symbol >= 1 && symbol <= 5)).toBe(true);
      const asked = (targets.toArray() as number[][])[i];
      expect(asked).toEqual([...Array<number>(8).fill(-1), ...row.slice(9), -1]);
    }
    expect(new Set(rows.flat()).size).toBe(6);
  });

  it("are the same for equal seeds, and others for other seeds and steps", () => {
    const of = (seed: number, step: number): string =>
      JSON.stringify(copyBatch(small, 2, runKeys(seed), step).tokens.toArray());
    expect(of(1, 2)).toBe(of(1, 2));
    expect(new Set([of(1, 2), of(1, 3), of(2, 2)]).size).toBe(3);
  });
});

it("the plain network with the paper's options agrees with the library's full attention", () => {
  const model = modelOf(small, "full");
  const params = initParams(model, key(5));
  const { tokens } = copyBatch(small, 4, runKeys(1), 0);
  const ours = logits(model, params, tokens, key(0)).dataSync();
  const farthest = (options: Parameters<typeof plainLogits>[3]): number =>
    Math.max(
      ...plainLogits(model, params, tokens, options)
        .dataSync()
        .map((x, i) => Math.abs(x - ours[i])),
    );
  expect(farthest({ selfMask: true, scale: 1 })).toBeLessThan(1e-4);
  expect(farthest({ selfMask: false, scale: 1 })).toBeGreaterThan(1e-2);
});
