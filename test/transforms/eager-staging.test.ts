/** Calls outside of every transformation trace nothing: fused operations run as they are, whatever derivative they have. */
import { beforeEach, expect, it, vi } from "vitest";
import { stage, stageClosed } from "../../src/ir/builder.ts";
import { customVjp, jit, type Value } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, normal } from "../../src/random/index.ts";
import { attention, lsh, unitKeys } from "../../src/reformer/index.ts";
import { describeBackends } from "../support/backends.ts";

vi.mock("../../src/ir/builder.ts", { spy: true });

const tracesOf = (f: () => unknown): number => {
  f();
  return vi.mocked(stage).mock.calls.length + vi.mocked(stageClosed).mock.calls.length;
};

describeBackends("at once", () => {
  beforeEach(() => {
    vi.clearAllMocks();
  });

  const x = (): Value => normal(key(1), [1, 8, 4]);

  it("counts what is traced", () => {
    expect(tracesOf(() => jit((y: Value) => np.sin(y))(x()))).toBeGreaterThan(0);
    const halved = customVjp((y: Value) => np.sin(y), {
      forward: (y) => [np.sin(y), y],
      backward: (y, dy) => [np.multiply(dy, y)],
    });
    vi.clearAllMocks();
    expect(tracesOf(() => halved(x()))).toBeGreaterThan(0);
  });

  it.each<[string, () => unknown]>([
    ["layerNorm", () => nn.layerNorm({ gamma: np.ones([4]), beta: np.zeros([4]) }, x())],
    ["softmaxCrossEntropy", () => nn.softmaxCrossEntropy(x(), np.zeros([1, 8], "i32"))],
    [
      "chunked attention",
      () =>
        attention.chunked(x(), unitKeys(x(), { keyEpsilon: 1e-6 }), x(), info(), {
          chunkLength: 4,
        }),
    ],
    [
      "joint attention",
      () => attention.joint({ q: x(), k: null, v: x() }, info(), { chunkLength: 4 }),
    ],
  ])("%s traces nothing", (_, f) => {
    expect(tracesOf(f)).toBe(0);
  });

  const info = (): Parameters<typeof attention.joint>[1] => {
    const buckets = lsh.hash(
      x(),
      lsh.rotations(key(2), { groups: 1, width: 4, rounds: 2, sizes: [2] }),
      [2],
    );
    return { ...lsh.sort(buckets, 2), buckets };
  };
});
