/** Steps of Adafactor, accumulated gradients and one-cycle rates against optax and transformers: see tools/oracle/optimizers.py. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jit, type Value } from "../../src/index.ts";
import { array, reshape } from "../../src/numpy/index.ts";
import * as optim from "../../src/optim/index.ts";
import { expectClose } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

const shapes: Readonly<Record<string, readonly number[]>> = {
  bias: [5],
  kernel: [3, 4],
  heads: [2, 3, 4],
  wide: [4, 1, 6],
};

type Arrays = Readonly<Record<string, Value>>;
type Numbers = Readonly<Record<string, readonly number[]>>;

interface Steps {
  readonly kind: "adafactor" | "accumulate";
  readonly rate?: number | "relative" | "relativeWarmup";
  readonly options?: optim.AdafactorOptions;
  readonly after: readonly Numbers[];
}

interface Cycle {
  readonly kind: "oneCycle";
  readonly steps: number;
  readonly peak: number;
  readonly rising: number;
  readonly rates: readonly (readonly [number, number])[];
}

const golden = (name: string): readonly (Steps | Cycle)[] =>
  JSON.parse(
    readFileSync(new URL(`../golden/optim/${name}.json`, import.meta.url), "utf8"),
  ) as readonly (Steps | Cycle)[];

/** As the script makes them. */
function numbers(name: string, salt: number): Value {
  const shape = shapes[name];
  const codes = Array.from(name, (letter) => letter.charCodeAt(0)).reduce((a, b) => a + b, 0);
  let state = BigInt(codes * 7919 + salt * 104729);
  const words = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (state * 1103515245n + 12345n) % 2n ** 31n;
    return Number(state / 2n ** 15n) / 2 ** 15 - 1;
  });
  return reshape(array(words), [...shape]);
}

const treeOf = (salt: number): Arrays =>
  Object.fromEntries(Object.keys(shapes).map((name) => [name, numbers(name, salt)]));

function expectSteps(optimizer: optim.GradientTransformation, after: readonly Numbers[]): void {
  const step = jit((g: Arrays, s: unknown, p: Arrays): readonly [Arrays, unknown] => {
    const [updates, next] = optimizer.update(g, s, p);
    return [optim.applyUpdates(p, updates), next];
  });
  let params = treeOf(0);
  let state = optimizer.init(params);
  after.forEach((expected, i) => {
    [params, state] = step(treeOf(i + 1), state, params);
    for (const name of Object.keys(shapes)) {
      const close = { absolute: 2e-6, relative: 2e-5 };
      expectClose(params[name].dataSync(), expected[name], close, `${name} after step ${i + 1}`);
    }
  });
}

const rateOf = (rate: Steps["rate"]): optim.LearningRate =>
  rate === "relative" || rate === "relativeWarmup"
    ? optim.relativeStep({ warmup: rate === "relativeWarmup" })
    : (rate ?? 0.05);

describeBackends("optimisers of others", () => {
  for (const whose of ["optax", "transformers"]) {
    const cases = golden(whose);
    test(`Adafactor as ${whose} has it`, () => {
      let compared = 0;
      for (const one of cases) {
        if (one.kind !== "adafactor") continue;
        expectSteps(optim.adafactor(rateOf(one.rate), one.options), one.after);
        compared += 1;
      }
      expect(compared).toBe(whose === "optax" ? 13 : 7);
    });
  }

  test("gradients accumulated as optax' MultiSteps does", () => {
    const found = golden("optax").find(({ kind }) => kind === "accumulate") as Steps;
    expectSteps(optim.accumulate(2, optim.adam(0.1)), found.after);
  });

  test("rates of one cycle as optax has them", () => {
    for (const one of golden("optax")) {
      if (one.kind !== "oneCycle") continue;
      const rate = optim.oneCycle(one.steps, one.peak, { rising: one.rising });
      for (const [step, expected] of one.rates) {
        for (const at of [step, array(step, "i32")]) {
          expect(Math.abs(rate(at).item() - expected)).toBeLessThan(1e-6 * one.peak);
        }
      }
    }
  });
});
