import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { init, type Value } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";

/** What tools/oracle/large.py wrote: real JAX where squares of f32 numbers overflow. */
interface Case {
  readonly name: string;
  readonly row: string;
  readonly x: readonly number[];
  readonly y: readonly (number | string)[];
}

const cases = JSON.parse(
  readFileSync(new URL("../golden/jax/large.json", import.meta.url), "utf8"),
) as readonly Case[];

const norm = (): nn.LayerNormParams => ({ gamma: np.ones([4]), beta: np.zeros([4]) });
const functions: Readonly<Record<string, (x: Value) => Value>> = {
  "numpy.mean": (x) => np.mean(x),
  "numpy.variance": (x) => np.variance(x),
  "numpy.std": (x) => np.std(x),
  "nn.logSumExp": (x) => nn.logSumExp(x),
  "nn.softmax": (x) => nn.softmax(x),
  "nn.layerNorm": (x) => nn.layerNorm(norm(), x, { epsilon: 1e-6 }),
};

describe.each(["wasm", "reference"] as const)("large numbers on %s", (backend) => {
  beforeAll(async () => {
    await init(backend);
  });

  // The reference's layer norm sums in float64, where these squares do not overflow.
  const ofBackend = cases.filter(
    ({ name, row }) => backend === "wasm" || name !== "nn.layerNorm" || row === "1e18",
  );

  test.each(ofBackend.map((given) => [`${given.name} of ${given.row}`, given] as const))(
    "%s",
    (_, { name, x, y }) => {
      const got = functions[name](np.array(x));
      const expected = np.array(y.map(Number));
      const tolerance = { relative: 1e-6, absolute: 1e-6, equalNaN: true };
      const agrees = np.allclose(np.ravel(got), expected, tolerance);
      expect(agrees, `${String(np.ravel(got))} against ${String(expected)}`).toBe(true);
    },
  );
});
