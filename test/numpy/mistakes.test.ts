/* What the types forbid and JavaScript lets happen: each mistake is named where it is made. */
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { adam } from "../../src/optim/index.ts";
import { normal } from "../../src/random/index.ts";
import { reformerModel, train, trainConfig } from "../../src/training/index.ts";

/** An argument of a program without types. */
const untyped = (value: unknown): never => value as never;

beforeAll(() => init("reference"));

describe("an argument in the wrong place", () => {
  test.each([
    ["options for axes", () => np.sum([1, 2], untyped({ axis: 0 })), /sum: .*sum\(x, 0\)/],
    ["a second size for a dtype", () => np.zeros(2, untyped(3)), /zeros: .*zeros\(\[2, 3\]\)/],
    ["the same for ones", () => np.ones(2, untyped(3)), /ones: .*got 3/],
    ["a shape for a key", () => normal(untyped([3])), /not a key.*got \[3\]/],
    ["nothing for a key", () => normal(untyped(undefined)), /not a key/],
    ["a seed for a key", () => normal(untyped(0), [3]), /got 0.*random\.key/],
    ["a text for numbers", () => np.array(untyped(["1"])), /array: not a number.*got "1"/],
    ["options for a rate", () => adam(untyped({ rate: 1 })), /adam\(1e-3\)/],
  ])("%s", (_, mistake, message) => {
    expect(mistake).toThrow(message);
  });

  test("a text for its bytes", async () => {
    const config = trainConfig();
    const data = { train: untyped("to be or not to be ".repeat(100)) };
    const first = train({ model: reformerModel(config), config, data }).next();
    await expect(first).rejects.toThrow(/TextEncoder/);
  });
});
