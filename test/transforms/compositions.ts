/**
 * Random compositions of transformations, each beside its meaning in plain float64 loops and differences.
 * Functions map (x f32[3], i i32[]) to f32[3]; `i` decides branches and lengths of loops, so that a difference in x
 * never crosses a branch.
 */
import * as fc from "fast-check";
import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  jit,
  jvp,
  linearize,
  named,
  vjp,
  vmap,
  type Value,
} from "../../src/index.ts";
import { cond, foriLoop, map, scan, switchCase, whileLoop } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";

export const width = 3;

type Traced = (x: Value, i: Value) => Value;
type Plain = (x: readonly number[], i: number) => number[];

export interface Composition {
  readonly text: string;
  readonly apply: Traced;
  readonly plain: Plain;
  readonly reverse: boolean;
  /**
   * Forward mode is defined after so many reverse passes. The forward pass of a customVjp or a checkpoint
   * calls the function inside as it is, so that one without a jvp shows up again.
   */
  readonly forwardAfter: (passes: number) => boolean;
}

const leaves = ["sin", "tanh", "times", "square", "matmul", "mean", "byIndex"] as const;
const wrappers = [
  "jit",
  "checkpoint",
  "customVjp",
  "customVjpWithJvp",
  "customJvp",
  "named",
  "scan",
  "scanReverse",
  "foriLoop",
  "while",
  "map",
  "vmap",
  "vmapShared",
  "jitClosure",
  "scanClosure",
  "condClosure",
  "whileClosure",
  "vmapClosure",
  "checkpointClosure",
  "pairOfCarries",
  "grad",
  "jvp",
  "vjp",
  "linearize",
] as const;
const pairs = ["compose", "add", "mul", "cond", "switch"] as const;

export type Description =
  | { readonly kind: "leaf"; readonly name: (typeof leaves)[number] }
  | { readonly kind: "wrap"; readonly name: (typeof wrappers)[number]; readonly f: Description }
  | {
      readonly kind: "pair";
      readonly name: (typeof pairs)[number];
      readonly f: Description;
      readonly g: Description;
    };

export const descriptions: fc.Arbitrary<Description> = fc.letrec<{ node: Description }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthIdentifier: "composition" },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("leaf"), name: fc.constantFrom(...leaves) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("wrap"),
        name: fc.constantFrom(...wrappers),
        f: tie("node"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("pair"),
        name: fc.constantFrom(...pairs),
        f: tie("node"),
        g: tie("node"),
      }),
    },
  ),
})).node;

const weights = [0.8, -0.6, 0.5];
const matrix = [
  [0.5, -0.3, 0.2],
  [0.1, 0.6, -0.4],
  [-0.2, 0.3, 0.7],
];
const direction = [0.3, -0.5, 0.4];
const steps = [
  [0.1, 0.2, -0.3],
  [-0.2, 0.1, 0.1],
];

const zip = (
  a: readonly number[],
  b: readonly number[],
  f: (x: number, y: number) => number,
): number[] => a.map((x, k) => f(x, b[k]));
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, k) => sum + x * b[k], 0);

/**
 * The derivative of `f` at x along t by the four-point stencil: error 1e-13 times the fifth derivative, which nested loops make as large
 * as 1e9, and 1,200 times the noise of f, which leaves 1e-7 of it where three derivatives are nested.
 */
export function along(
  f: (x: readonly number[]) => number[],
  x: readonly number[],
  t: readonly number[],
): number[] {
  const h = 1.25e-3;
  const at = (s: number): number[] => f(zip(x, t, (value, step) => value + s * h * step));
  const [a, b, c, d] = [-2, -1, 1, 2].map(at);
  return a.map((_, k) => (a[k] - 8 * b[k] + 8 * c[k] - d[k]) / (12 * h));
}

/** The gradient of w . f by differences. */
export const gradientOf = (
  f: (x: readonly number[]) => number[],
  x: readonly number[],
  w: readonly number[],
): number[] =>
  x.map((_, k) => {
    const unit = x.map((_value, j) => Number(j === k));
    return along((y) => [dot(w, f(y))], x, unit)[0];
  });

/** Derivatives that the composition takes inside. */
export function orderOf(description: Description): number {
  switch (description.kind) {
    case "leaf":
      return 0;
    case "wrap":
      return (
        orderOf(description.f) +
        Number(["grad", "jvp", "vjp", "linearize"].includes(description.name))
      );
    case "pair":
      return Math.max(orderOf(description.f), orderOf(description.g));
    default:
      return description satisfies never;
  }
}

export function build(description: Description): Composition {
  switch (description.kind) {
    case "leaf":
      return leaf(description.name);
    case "wrap":
      return wrap(description.name, build(description.f));
    case "pair":
      return pair(description.name, build(description.f), build(description.g));
    default:
      return description satisfies never;
  }
}

function leaf(name: (typeof leaves)[number]): Composition {
  const [apply, plain] = leafFunctions(name);
  return { text: name, apply, plain, reverse: true, forwardAfter: () => true };
}

function leafFunctions(name: (typeof leaves)[number]): readonly [Traced, Plain] {
  switch (name) {
    case "sin":
      return [(x) => np.sin(x), (x) => x.map(Math.sin)];
    case "tanh":
      return [(x) => np.tanh(x), (x) => x.map(Math.tanh)];
    case "times":
      return [(x) => np.mul(x, np.array(weights)), (x) => zip(x, weights, (a, b) => a * b)];
    case "square":
      return [(x) => np.mul(0.4, np.mul(x, x)), (x) => x.map((a) => 0.4 * a * a)];
    case "matmul":
      return [(x) => np.matmul(np.array(matrix), x), (x) => matrix.map((row) => dot(row, x))];
    case "mean":
      return [
        (x) => np.mul(np.mean(x), np.cos(x)),
        (x) => {
          const mean = x.reduce((sum, a) => sum + a, 0) / x.length;
          return x.map((a) => mean * Math.cos(a));
        },
      ];
    case "byIndex":
      return [
        (x, i) => np.mul(x, np.add(0.5, np.mul(0.25, np.astype(i, "f32")))),
        (x, i) => x.map((a) => a * (0.5 + 0.25 * i)),
      ];
    default:
      return name satisfies never;
  }
}

function wrap(name: (typeof wrappers)[number], inner: Composition): Composition {
  const { apply: f, plain, reverse, forwardAfter, text } = inner;
  const forward = forwardAfter(0);
  const callsItself = (passes: number): boolean =>
    forwardAfter(passes) && forwardAfter(Math.max(0, passes - 1));
  const wrapped = (
    apply: Traced,
    meaning: Plain = plain,
    modes: Partial<Pick<Composition, "reverse" | "forwardAfter">> = {},
  ): Composition => ({
    text: `${name}(${text})`,
    apply,
    plain: meaning,
    reverse,
    forwardAfter,
    ...modes,
  });
  const w = np.array(weights);
  const t = np.array(direction);
  const loop = (
    x: readonly number[],
    i: number,
    inputs: readonly (readonly number[])[],
  ): number[] => {
    let carry = [...x];
    let total = x.map(() => 0);
    for (const input of inputs) {
      total = zip(total, carry, (a, b) => a + b);
      carry = plain(
        zip(carry, input, (a, b) => 0.5 * a + b),
        i,
      );
    }
    return zip(carry, total, (a, b) => a + 0.1 * b);
  };
  const repeated = (x: readonly number[], i: number, count: number): number[] => {
    let carry = [...x];
    for (let k = 0; k < count; k++) carry = plain(carry, i);
    return carry;
  };
  switch (name) {
    case "jit":
      return wrapped(jit(f));
    case "checkpoint":
      return wrapped(checkpoint(f), plain, { forwardAfter: callsItself });
    case "named":
      return wrapped(named("block", f));
    case "customVjp":
      return wrapped(customVjp<[Value, Value], Value, [Value, Value]>(f, reverseRule(f)), plain, {
        forwardAfter: (passes) => passes > 0 && callsItself(passes),
      });
    case "customVjpWithJvp":
      return wrapped(
        customVjp<[Value, Value], Value, [Value, Value]>(f, {
          ...reverseRule(f),
          jvp: ([x, i], [dx]) => jvp((y: Value) => f(y, i), [x], [dx]),
        }),
        plain,
        { forwardAfter: callsItself },
      );
    case "customJvp":
      if (!forward) return inner;
      return wrapped(
        customJvp<[Value, Value]>(f, ([x, i], [dx]) => jvp((y: Value) => f(y, i), [x], [dx])),
      );
    case "scan":
    case "scanReverse": {
      const isReverse = name === "scanReverse";
      return wrapped(
        (x, i) => {
          const [carry, ys] = scan<Value, Value, Value>(
            (c, input) => [f(np.add(np.mul(0.5, c), input), i), c],
            x,
            np.array(steps),
            { reverse: isReverse },
          );
          return np.add(carry, np.mul(0.1, np.sum(ys, 0)));
        },
        (x, i) => loop(x, i, isReverse ? steps.toReversed() : steps),
      );
    }
    case "foriLoop":
      return wrapped(
        (x, i) => foriLoop<Value>(0, 2, (_, c) => f(c, i), x),
        (x, i) => repeated(x, i, 2),
      );
    case "while":
      return wrapped(
        (x, i) => foriLoop<Value>(0, np.add(i, 1), (_, c) => f(c, i), x),
        (x, i) => repeated(x, i, i + 1),
        { reverse: false },
      );
    case "map":
      return wrapped(
        (x, i) =>
          np.sum(
            map((y: Value) => f(y, i), np.stack([x, np.mul(x, 0.5)])),
            0,
          ),
        (x, i) =>
          zip(
            plain(x, i),
            plain(
              x.map((a) => a * 0.5),
              i,
            ),
            (a, b) => a + b,
          ),
      );
    case "vmap":
      return wrapped(
        (x, i) =>
          np.sum(
            vmap(f, { outAxes: 1 })(np.stack([x, np.mul(x, 0.5)]), np.stack([i, np.sub(1, i)])),
            1,
          ),
        (x, i) =>
          zip(
            plain(x, i),
            plain(
              x.map((a) => a * 0.5),
              1 - i,
            ),
            (a, b) => a + b,
          ),
      );
    case "vmapShared":
      return wrapped(
        (x, i) =>
          np.mul(0.5, np.sum(vmap(f, { inAxes: [1, null] })(np.stack([x, np.neg(x)], 1), i), 0)),
        (x, i) =>
          zip(
            plain(x, i),
            plain(
              x.map((a) => -a),
              i,
            ),
            (a, b) => 0.5 * (a + b),
          ),
      );
    // Functions that close over traced values with derivatives, instead of taking them as arguments.
    case "jitClosure":
      return wrapped(
        (x, i) => jit((y: Value) => np.mul(f(y, i), np.cos(x)))(np.mul(0.5, x)),
        (x, i) =>
          zip(
            plain(
              x.map((a) => 0.5 * a),
              i,
            ),
            x,
            (a, b) => a * Math.cos(b),
          ),
      );
    case "checkpointClosure":
      return wrapped(
        (x, i) => checkpoint((y: Value) => np.add(f(x, i), np.mul(x, y)))(np.sin(x)),
        (x, i) => zip(plain(x, i), x, (a, b) => a + b * Math.sin(b)),
        { forwardAfter: callsItself },
      );
    case "scanClosure":
      return wrapped(
        (x, i) =>
          scan<Value, Value, null>(
            (c, input) => [np.add(np.mul(0.5, f(c, i)), np.mul(x, input)), null],
            x,
            np.array(steps),
          )[0],
        (x, i) => {
          const body = (c: readonly number[], input: readonly number[]): number[] =>
            zip(
              plain(c, i),
              zip(x, input, (a, b) => a * b),
              (a, b) => 0.5 * a + b,
            );
          return steps.reduce(body, [...x]);
        },
      );
    case "condClosure":
      return wrapped(
        (x, i) =>
          cond(
            np.less(i, 1),
            () => np.mul(x, f(x, i)),
            () => np.sin(x),
          ),
        (x, i) => (i < 1 ? zip(x, plain(x, i), (a, b) => a * b) : x.map(Math.sin)),
      );
    case "whileClosure":
      return wrapped(
        (x, i) =>
          whileLoop<readonly [Value, Value]>(
            ([k]) => np.lessEqual(k, i),
            ([k, c]) => [np.add(k, 1), np.add(np.mul(0.5, f(c, k)), np.mul(0.3, x))],
            [np.array(0, "i32"), np.sin(x)],
          )[1],
        (x, i) => {
          let carry = x.map(Math.sin);
          for (let k = 0; k <= i; k++) carry = zip(plain(carry, k), x, (a, b) => 0.5 * a + 0.3 * b);
          return carry;
        },
        { reverse: false },
      );
    case "vmapClosure":
      return wrapped(
        (x, i) =>
          np.sum(vmap((factor: Value) => f(np.mul(factor, x), i))(np.array([0.5, -0.4])), 0),
        (x, i) =>
          zip(
            plain(
              x.map((a) => 0.5 * a),
              i,
            ),
            plain(
              x.map((a) => -0.4 * a),
              i,
            ),
            (a, b) => a + b,
          ),
      );
    case "pairOfCarries":
      // An integer and two float carries, of which one gets its derivative only in the second iteration.
      return wrapped(
        (x) => {
          type Carry = { readonly late: Value; readonly step: Value; readonly value: Value };
          const start: Carry = { late: np.zeros([width]), step: np.array(0, "i32"), value: x };
          const [end, ys] = scan<Carry, null, Value>(
            ({ late, step, value }) => [
              {
                late: value,
                step: np.add(step, 1),
                value: np.add(f(value, step), np.mul(0.5, late)),
              },
              np.mul(late, np.astype(step, "f32")),
            ],
            start,
            null,
            { length: 3 },
          );
          return np.add(end.value, np.add(np.mul(0.2, end.late), np.mul(0.1, np.sum(ys, 0))));
        },
        (x) => {
          let [late, value] = [x.map(() => 0), [...x]];
          let total = x.map(() => 0);
          for (let k = 0; k < 3; k++) {
            total = zip(total, late, (a, b) => a + b * k);
            [late, value] = [value, zip(plain(value, k), late, (a, b) => a + 0.5 * b)];
          }
          return zip(
            zip(value, late, (a, b) => a + 0.2 * b),
            total,
            (a, b) => a + 0.1 * b,
          );
        },
      );
    case "grad":
      if (!reverse) return inner;
      return wrapped(
        (x, i) => grad((y: Value) => np.sum(np.mul(w, f(y, i))))(x),
        (x, i) => gradientOf((y) => plain(y, i), x, weights),
        { forwardAfter: (passes) => forwardAfter(passes + 1) },
      );
    case "vjp":
      if (!reverse) return inner;
      return wrapped(
        (x, i) => vjp((y: Value) => f(y, i), x)[1](w)[0],
        (x, i) => gradientOf((y) => plain(y, i), x, weights),
        { forwardAfter: (passes) => forwardAfter(passes + 1) },
      );
    case "jvp":
      if (!forward) return inner;
      return wrapped(
        (x, i) => jvp((y: Value) => f(y, i), [x], [t])[1],
        (x, i) => along((y) => plain(y, i), x, direction),
      );
    case "linearize":
      if (!forward || !reverse) return inner;
      return wrapped(
        (x, i) => linearize((y: Value) => f(y, i), x)[1](t),
        (x, i) => along((y) => plain(y, i), x, direction),
      );
    default:
      return name satisfies never;
  }
}

const reverseRule = (f: Traced) => ({
  forward: (x: Value, i: Value): readonly [Value, [Value, Value]] => [f(x, i), [x, i]],
  backward: ([x, i]: [Value, Value], cotangent: Value): readonly unknown[] => [
    vjp((y: Value) => f(y, i), x)[1](cotangent)[0],
    null,
  ],
});

function pair(name: (typeof pairs)[number], f: Composition, g: Composition): Composition {
  const joined = (apply: Traced, plain: Plain): Composition => ({
    text: `${name}(${f.text}, ${g.text})`,
    apply,
    plain,
    reverse: f.reverse && g.reverse,
    forwardAfter: (passes) => f.forwardAfter(passes) && g.forwardAfter(passes),
  });
  switch (name) {
    case "compose":
      return joined(
        (x, i) => g.apply(f.apply(x, i), i),
        (x, i) => g.plain(f.plain(x, i), i),
      );
    case "add":
      return joined(
        (x, i) => np.add(f.apply(x, i), g.apply(x, i)),
        (x, i) => zip(f.plain(x, i), g.plain(x, i), (a, b) => a + b),
      );
    case "mul":
      return joined(
        (x, i) => np.mul(f.apply(x, i), g.apply(x, i)),
        (x, i) => zip(f.plain(x, i), g.plain(x, i), (a, b) => a * b),
      );
    case "cond":
      return joined(
        (x, i) =>
          cond(
            np.greater(i, 0),
            (y: Value) => f.apply(y, i),
            (y: Value) => g.apply(y, i),
            x,
          ),
        (x, i) => (i > 0 ? f.plain(x, i) : g.plain(x, i)),
      );
    case "switch":
      return joined(
        (x, i) =>
          switchCase(
            i,
            [(y: Value) => f.apply(y, i), (y: Value) => g.apply(y, i), (y: Value) => np.mul(2, y)],
            x,
          ),
        (x, i) => (i <= 0 ? f.plain(x, i) : i === 1 ? g.plain(x, i) : x.map((a) => 2 * a)),
      );
    default:
      return name satisfies never;
  }
}
