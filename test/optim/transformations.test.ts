import { expect, test } from "vitest";
import { grad, jit, tree, type Value } from "../../src/index.ts";
import { array, isNaN, square, subtract, sum } from "../../src/numpy/index.ts";
import * as optim from "../../src/optim/index.ts";
import { expectClose, expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

const close = { absolute: 1e-6, relative: 1e-5 };

interface Params {
  readonly b: Value;
  readonly w: Value;
}

/** Gradients of 5 steps for parameters b[1], w[2]. */
const gradients = [1, -2, 0.5, 3, -0.25].map((g) => [g, 2 * g, -g + 0.125]);

const treeOf = ([b, ...w]: readonly number[]): Params => ({ b: array([b]), w: array(w) });
const flat = ({ b, w }: Params): number[] => [...b.dataSync(), ...w.dataSync()];

/** Parameters after each step. */
function run(
  optimizer: optim.GradientTransformation,
  start: readonly number[],
  compiled = false,
): number[][] {
  let params = treeOf(start);
  let state = optimizer.init(params);
  const update = (g: Params, s: unknown, p: Params): readonly [Params, unknown] => {
    const [updates, next] = optimizer.update(g, s, p);
    return [optim.applyUpdates(p, updates), next];
  };
  const step = compiled ? jit(update) : update;
  return gradients.map((g) => {
    [params, state] = step(treeOf(g), state, params);
    return flat(params);
  });
}

/** The same by a rule for one number with its own state. */
function simulate(
  rule: (g: number, p: number, t: number, memory: number[]) => number,
  start: readonly number[],
): number[][] {
  const memory = start.map(() => [0, 0]);
  let params = [...start];
  return gradients.map((g, i) => {
    params = params.map((p, j) => p + rule(g[j], p, i + 1, memory[j]));
    return params;
  });
}

function adamRule(rate: (t: number) => number, b1: number, b2: number, epsilon: number, decay = 0) {
  return (g: number, p: number, t: number, memory: number[]): number => {
    memory[0] = b1 * memory[0] + (1 - b1) * g;
    memory[1] = b2 * memory[1] + (1 - b2) * g * g;
    const [m, v] = [memory[0] / (1 - b1 ** t), memory[1] / (1 - b2 ** t)];
    return -rate(t) * (m / (Math.sqrt(v) + epsilon) + decay * p);
  };
}

function momentumRule(rate: number, decay: number, nesterov: boolean) {
  return (g: number, _p: number, _t: number, memory: number[]): number => {
    memory[0] = decay * memory[0] + g;
    return -rate * (nesterov ? g + decay * memory[0] : memory[0]);
  };
}

const start = [0.5, -1, 2];

describeBackends("optimisers", () => {
  test.each<[string, optim.GradientTransformation, Parameters<typeof simulate>[0]]>([
    ["sgd", optim.sgd(0.1), (g) => -0.1 * g],
    ["momentum", optim.sgd(0.1, { momentum: 0.9 }), momentumRule(0.1, 0.9, false)],
    ["nesterov", optim.sgd(0.1, { momentum: 0.9, nesterov: true }), momentumRule(0.1, 0.9, true)],
    ["adam", optim.adam(0.01), adamRule(() => 0.01, 0.9, 0.999, 1e-8)],
    [
      "adam of trax",
      optim.adam(0.01, { b1: 0.86, b2: 0.92, epsilon: 1e-9 }),
      adamRule(() => 0.01, 0.86, 0.92, 1e-9),
    ],
    ["adam with b1 = 0", optim.adam(0.01, { b1: 0 }), adamRule(() => 0.01, 0, 0.999, 1e-8)],
    [
      "adam with a schedule",
      optim.adam(optim.warmup(4, 0.1)),
      adamRule((t) => 0.1 * Math.min(1, t / 4), 0.9, 0.999, 1e-8),
    ],
    ["adamw", optim.adamw(0.01, { weightDecay: 0.3 }), adamRule(() => 0.01, 0.9, 0.999, 1e-8, 0.3)],
  ])("%s equals loops in double precision, compiled too", (name, optimizer, rule) => {
    const expected = simulate(rule, start).flat();
    expectClose(run(optimizer, start).flat(), expected, close, name);
    expect(run(optimizer, start, true).flat()).toEqual(run(optimizer, start).flat());
  });

  test("the bias correction is accurate late and early", () => {
    const step = optim.scaleByAdam({ b2: 0.999 });
    for (const count of [0, 1, 9, 999, 99999]) {
      const state = { count: array(count, "i32"), first: array([0]), second: array([1]) };
      const [updates] = step.update(array([1]), state, array([0]));
      const m = 0.1 / (1 - 0.9 ** (count + 1));
      const v = (0.999 + 0.001) / (1 - 0.999 ** (count + 1));
      expectClose(
        updates.dataSync(),
        [m / Math.sqrt(v)],
        { absolute: 0, relative: 2e-6 },
        `step ${count + 1}`,
      );
    }
  });

  test("states are trees of arrays that can be saved and restored", () => {
    const optimizer = optim.adamw(optim.cosine(10));
    const params = treeOf(start);
    const [, state] = optimizer.update(treeOf(gradients[0]), optimizer.init(params), params);
    const { leaves, structure } = tree.flatten<Value>(state);
    expect(leaves.map((leaf) => leaf.dtype).toSorted()).toEqual([
      "f32",
      "f32",
      "f32",
      "f32",
      "i32",
      "i32",
    ]);
    const restored = tree.unflatten<ReturnType<typeof optimizer.init>>(
      structure,
      leaves.map((leaf) => array(leaf)),
    );
    const [a] = optimizer.update(treeOf(gradients[1]), state, params);
    const [b] = optimizer.update(treeOf(gradients[1]), restored, params);
    expectSameBits(a.w, b.w, "after restoring");
  });

  test("weight decay by path", () => {
    const decay = optim.addDecayedWeights(0.5, (path) => path === "w");
    const [updates] = decay.update(treeOf([1, 1, 1]), null, treeOf([2, 4, 6]));
    expect(flat(updates)).toEqual([1, 3, 4]);
  });

  test("adam finds the minimum of a quadratic", () => {
    const target = array([3, -2]);
    const loss = (x: Value): Value => sum(square(subtract(x, target)));
    const optimizer = optim.adam(optim.cosine(200, 0.2));
    const step = jit(
      (x: Value, s: ReturnType<typeof optimizer.init>): readonly [Value, typeof s] => {
        const [updates, next] = optimizer.update(grad(loss)(x), s, x);
        return [optim.applyUpdates(x, updates), next];
      },
    );
    let x = array([0, 0]);
    let state = optimizer.init(x);
    for (let i = 0; i < 200; i++) [x, state] = step(x, state);
    expectClose(x.dataSync(), [3, -2], { absolute: 1e-2, relative: 0 }, "minimum");
  });

  test("settings out of range", () => {
    expect(() => optim.adam(0.1, { b2: 1 })).toThrow("0 <= b2 < 1");
    expect(() => optim.adam(0.1, { b1: -0.1 })).toThrow("b1 out of range");
  });
});

describeBackends("clipping", () => {
  test("by global norm keeps the direction", () => {
    const big = treeOf([3, 0, 4]);
    expect(optim.globalNorm(big).item()).toBe(5);
    expect(flat(optim.clipByGlobalNorm(1).update(big, null, big)[0])).toEqual(
      [0.6, 0, 0.8].map(Math.fround),
    );
    expect(flat(optim.clipByGlobalNorm(5).update(big, null, big)[0])).toEqual([3, 0, 4]);
    const zero = treeOf([0, 0, 0]);
    expect(flat(optim.clipByGlobalNorm(1).update(zero, null, zero)[0])).toEqual([0, 0, 0]);
  });

  test.each([1e19, 3e19, 2 ** 100, 3e38, 1e-19, 1e-23, 2 ** -126])(
    "by global norm where squares of %d are beyond f32",
    (size) => {
      const f = Math.fround(size);
      const far = treeOf([f, 0, -f]);
      const exact = Math.fround(f * Math.SQRT2);
      const norm = optim.globalNorm(far).item();
      if (exact === Infinity) expect(norm).toBe(Infinity);
      else expect(Math.abs(norm / exact - 1)).toBeLessThan(3e-7);
      const [clipped] = optim.clipByGlobalNorm(size / 100).update(far, null, far);
      const expected = [Math.SQRT1_2, 0, -Math.SQRT1_2].map((x) => (x * size) / 100);
      // The smallest quotients have few digits left.
      flat(clipped).forEach((x, i) => {
        expect(Math.abs(x - expected[i])).toBeLessThanOrEqual(1e-5 * Math.abs(expected[i]) + 1e-44);
      });
      const [unit] = optim.clipByGlobalNorm(1).update(far, null, far);
      if (size > 1) expectClose(flat(unit), [Math.SQRT1_2, 0, -Math.SQRT1_2], close, "unit");
      else expect(flat(unit)).toEqual([f, 0, -f]);
    },
  );

  test("an infinite element spoils its update, as a NaN does", () => {
    const broken = treeOf([Infinity, 1, 2]);
    expect(optim.globalNorm(broken).item()).toBe(Infinity);
    expect(flat(optim.clipByGlobalNorm(1).update(broken, null, broken)[0])).toEqual([NaN, 0, 0]);
  });

  test("the norm has a derivative wherever it is", () => {
    for (const size of [1, 1e25, 1e-25]) {
      const slope = grad((x: Value) => optim.globalNorm({ x }))(array([3 * size, -4 * size]));
      expectClose(slope.dataSync(), [0.6, -0.8], close, `slope at ${size}`);
    }
  });

  test("a NaN spoils the whole update", () => {
    const broken = treeOf([NaN, 1, 2]);
    const [{ w }] = optim.clipByGlobalNorm(1).update(broken, null, broken);
    expect(isNaN(w).toArray()).toEqual([true, true]);
  });

  test("by value, and in a chain", () => {
    const g = treeOf([3, -0.5, -4]);
    expect(flat(optim.clipByValue(1).update(g, null, g)[0])).toEqual([1, -0.5, -1]);
    const chained = optim.chain(optim.clipByValue(1), optim.scale(-2));
    expect(flat(chained.update(g, chained.init(g), g)[0])).toEqual([-2, 1, 2]);
  });

  test("arguments in another order, or left out", () => {
    const g = treeOf([3, -0.5, -4]);
    const optimizer = optim.adamw(0.1);
    const state = optimizer.init(g);
    expect(() => optimizer.update(state as never, g as never, g as never)).toThrow(
      /no state of this optimiser: expected the list of 3 states .* got \{"b":\*,"w":\*\}\. .*state, params/,
    );
    expect(() => optimizer.update(g, state, undefined as never)).toThrow(
      /addDecayedWeights: params: .*expected \{"b":\*,"w":\*\}, got -/,
    );
  });

  test("trees that differ", () => {
    expect(() => optim.applyUpdates<object>({ w: array(1) }, { v: array(1) })).toThrow("tree");
  });
});
