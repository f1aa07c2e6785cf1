/** What the transformations say when they are misused: what, where, and what to do. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  customJvp,
  customVjp,
  grad,
  init,
  jit,
  jvp,
  linearize,
  tree,
  vjp,
  vmap,
  type Value,
} from "../../src/index.ts";
import { cond, scan, whileLoop } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { i32 } from "../support/arrays.ts";

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof Error) return asWritten(`${error.name}: ${error.message}`);
  }
  return "nothing was thrown";
};

/** Functions without a name are shown by their source, in which the test runner has its own names for imports. */
const asWritten = (text: string): string =>
  text.replace(/\(0, ?(__vi\w*_import_\d+__\.\w+)\)/g, "$1").replace(/__vi\w*_import_\d+__/g, "np");

const vector = (): Value => np.array([1, 2, 3]);

beforeAll(async () => {
  await init("reference");
});

describe("traced values", () => {
  it("have no elements", () => {
    const read = (x: Value): Value => (x.item() > 0 ? x : np.negative(x));
    expect(message(() => grad(read)(np.array(1)))).toMatchInlineSnapshot(
      `"TraceError: item() needs a concrete array, but this value is traced: got Traced<f32[]>. Inside jit, grad, vmap and scan values have shapes but no elements: use where, lax.cond or lax.whileLoop for control flow that depends on them, or return the value and read it outside."`,
    );
    expect(
      message(() => jit((x: Value) => np.mul(x, Number(x)))(np.array(1))),
    ).toMatchInlineSnapshot(
      `"TraceError: a number needs a concrete array, but this value is traced: got Traced<f32[]>. Inside jit, grad, vmap and scan values have shapes but no elements: use where, lax.cond or lax.whileLoop for control flow that depends on them, or return the value and read it outside."`,
    );
    expect(
      message(() => vmap((x: Value) => np.array(x.toArray()))(vector())),
    ).toMatchInlineSnapshot(
      `"TraceError: toArray() needs a concrete array, but this value is traced: got Traced<f32[]>. Inside jit, grad, vmap and scan values have shapes but no elements: use where, lax.cond or lax.whileLoop for control flow that depends on them, or return the value and read it outside."`,
    );
  });

  it("do not outlive their trace", () => {
    let leaked: Value = np.array(0);
    jit((x: Value) => {
      leaked = np.sin(x);
      return x;
    })(np.array(1));
    expect(message(() => np.add(leaked, 1))).toMatchInlineSnapshot(
      `"TraceError: a traced value was used after its trace had ended: got Traced<f32[]>. A function under jit, grad, vmap or scan stored an intermediate value outside (in a variable, an array, an object). Return the value from the function instead."`,
    );
    expect(message(() => jit((x: Value) => np.add(leaked, x))(np.array(1)))).toMatchInlineSnapshot(
      `"TraceError: a traced value was used after its trace had ended: got Traced<f32[]>. A function under jit, grad, vmap or scan stored an intermediate value outside (in a variable, an array, an object). Return the value from the function instead."`,
    );
  });
});

describe("grad", () => {
  it("needs a scalar", () => {
    expect(message(() => grad(np.sin)(vector()))).toMatchInlineSnapshot(
      `"DifferentiationError: grad of sin: only scalar functions have a gradient: expected one f32[], got f32[3]. Reduce the result with sum or mean, or use vjp for other cotangents."`,
    );
    expect(
      message(() => grad((x: Value) => ({ loss: np.sum(x), x }) as unknown as Value)(vector())),
    ).toMatchInlineSnapshot(
      `"DifferentiationError: grad of (x) => ({ loss: np.sum(x), x }): only scalar functions have a gradient: expected one f32[], got the tree {"loss":*,"x":*}. Reduce the result with sum or mean, or use vjp for other cotangents."`,
    );
    expect(
      message(() => grad((x: Value) => np.sum(x), { hasAux: true } as object)(vector())),
    ).toMatchInlineSnapshot(
      `"TreeError: grad of (x) => np.sum(x): with hasAux the function must return [loss, auxiliary]: got *"`,
    );
  });

  it("needs floats, and arguments that are there", () => {
    const f = (p: { readonly w: Value; readonly n: Value }): Value => np.sum(np.mul(p.w, p.n));
    expect(message(() => grad(f)({ w: vector(), n: i32([3], [1, 2, 3]) }))).toMatchInlineSnapshot(
      `"DTypeError: grad of f, argument 0, leaf n: an integer or bool array has no gradient: expected f32, got i32[3]. Convert it to f32, or pass it as another argument (see argnums)."`,
    );
    expect(
      message(() => grad((x: Value) => np.sum(x), { argnums: 2 })(vector())),
    ).toMatchInlineSnapshot(
      `"DifferentiationError: grad of (x) => np.sum(x): argnums names an argument that is not there: expected indices from 0 to 0, got 2"`,
    );
  });
});

describe("vjp, jvp and linearize", () => {
  it("check the types of what they are given", () => {
    expect(message(() => vjp(np.sin, vector())[1](np.array(1)))).toMatchInlineSnapshot(
      `"ShapeError: vjp of sin: a cotangent does not fit its output: expected f32[3], got f32[]"`,
    );
    expect(
      message(() => vjp(np.sin, vector())[1]([vector()] as unknown as Value)),
    ).toMatchInlineSnapshot(
      `"TreeError: vjp of sin: tangents have another structure than what they belong to: expected *, got [*]. Integer and bool arrays have null in place of a tangent."`,
    );
    expect(message(() => jvp(np.sin, [vector()], [np.array(1)]))).toMatchInlineSnapshot(
      `"ShapeError: jvp of sin: a tangent does not fit its primal: expected f32[3], got f32[]"`,
    );
    expect(
      message(() => jvp(np.sin, [vector()], [[vector(), vector()] as unknown as Value])),
    ).toMatchInlineSnapshot(
      `"TreeError: jvp of sin: tangents have another structure than what they belong to: expected [*], got [[*,*]]. Integer and bool arrays have null in place of a tangent."`,
    );
    expect(
      message(() => linearize(np.sin, vector())[1]([vector()] as unknown as Value)),
    ).toMatchInlineSnapshot(
      `"TreeError: linearize of sin: tangents have another structure than what they belong to: expected [*], got [[*]]. Integer and bool arrays have null in place of a tangent."`,
    );
  });
});

describe("custom derivatives", () => {
  const doubled = customVjp((x: Value) => np.mul(2, x), {
    forward: (x: Value) => [np.mul(2, x), null],
    backward: (_: null, dy: Value) => [np.mul(2, dy)],
  });

  it("by vjp have no forward mode", () => {
    expect(message(() => jvp(doubled, [np.array(1)], [np.array(1)]))).toMatchInlineSnapshot(
      `"DifferentiationError: customVjp of (x) => np.mul(2, x): this function has a custom vjp, so its jvp is not defined. Use grad or vjp, or give customVjp a \`jvp\` as well."`,
    );
    expect(message(() => linearize(doubled, np.array(1)))).toMatchInlineSnapshot(
      `"DifferentiationError: customVjp of (x) => np.mul(2, x): this function has a custom vjp, so its jvp is not defined. Use grad or vjp, or give customVjp a \`jvp\` as well."`,
    );
  });

  it("close over concrete arrays only", () => {
    const outer = (x: Value): Value =>
      customVjp((y: Value) => np.mul(x, y), {
        forward: (y: Value) => [np.mul(x, y), null],
        backward: (_: null, dy: Value) => [dy],
      })(x);
    expect(message(() => grad(outer)(np.array(1)))).toMatchInlineSnapshot(
      `"TraceError: customVjp of (y) => np.mul(x, y): a function with a custom derivative closes over a traced value: got Traced<f32[]>. Pass it as an argument, so that it has a derivative."`,
    );
    const inner = (x: Value): Value =>
      customJvp(
        (y: Value) => np.mul(x, y),
        ([y], [dy]) => [y, dy],
      )(x);
    expect(message(() => grad(inner)(np.array(1)))).toMatchInlineSnapshot(
      `"TraceError: customJvp of (y) => np.mul(x, y): a function with a custom derivative closes over a traced value: got Traced<f32[]>. Pass it as an argument, so that it has a derivative."`,
    );
    const inRule = (x: Value): Value =>
      customJvp(
        (y: Value) => np.sin(y),
        ([y], [dy]) => [np.sin(y), np.mul(x, dy)],
      )(np.mul(x, 2));
    expect(message(() => grad((x: Value) => jit(inRule)(x))(np.array(1)))).toMatchInlineSnapshot(
      `"TraceError: a traced value was used after its trace had ended: got Traced<f32[]>. A function under jit, grad, vmap or scan stored an intermediate value outside (in a variable, an array, an object). Return the value from the function instead."`,
    );
  });

  it("must return what fits", () => {
    const wrong = (rules: Parameters<typeof customVjp<[Value], Value, null>>[1]): string =>
      message(() =>
        grad((x: Value) => np.sum(customVjp((y: Value) => np.sin(y), rules)(x)))(vector()),
      );
    expect(
      wrong({ forward: (x) => [np.sum(x), null], backward: (_, dy) => [dy] }),
    ).toMatchInlineSnapshot(
      `"ShapeError: customVjp of (y) => np.sin(y): forward does not return what the function returns: expected f32[3], got f32[]"`,
    );
    expect(
      wrong({ forward: (x) => [np.sin(x), null], backward: () => [np.array(1)] }),
    ).toMatchInlineSnapshot(
      `"ShapeError: the backward rule of customVjp of (y) => np.sin(y): cotangent 0 has the wrong type: expected f32[3], got f32[]"`,
    );
    expect(wrong({ forward: (x) => [np.sin(x), null], backward: () => [] })).toMatchInlineSnapshot(
      `"TreeError: the backward rule of customVjp of (y) => np.sin(y): backward must return one cotangent per argument: expected 1, got 0"`,
    );
    expect(
      wrong({ forward: (x) => [np.sin(x), null], backward: (_, dy) => [{ x: dy }] }),
    ).toMatchInlineSnapshot(
      `"TreeError: the backward rule of customVjp of (y) => np.sin(y): a cotangent has another structure than its argument: expected *, got {"x":*}"`,
    );
  });
});

describe("vmap", () => {
  it("shows the beginning of a long function without a name", () => {
    const rows = (size: number): Value => np.zeros([size, 3]);
    const long = vmap((first: Value, second: Value): Value => {
      const both = np.add(first, second);
      return np.multiply(both, both);
    });
    expect(message(() => long(rows(2), rows(3)))).toMatch(
      /^ShapeError: vmap of \(first, second\) => \{ const both = np\..*\.\.\.: mapped axes differ/,
    );
  });

  it("checks its axes", () => {
    expect(
      message(() => vmap((x: Value, y: Value) => np.add(x, y))(np.zeros([2]), np.zeros([3]))),
    ).toMatchInlineSnapshot(
      `"ShapeError: vmap of (x, y) => np.add(x, y): mapped axes differ in size: expected one size for all mapped axes, got 2, 3"`,
    );
    expect(
      message(() => vmap((x: Value) => x, { inAxes: [null] })(np.zeros([2]))),
    ).toMatchInlineSnapshot(
      `"ShapeError: vmap of (x) => x: no argument is mapped. Give at least one argument an axis."`,
    );
    expect(
      message(() => vmap((x: Value) => x, { inAxes: 1 })(np.zeros([2]))),
    ).toMatchInlineSnapshot(
      `"ShapeError: vmap of (x) => x: axis out of range: expected an axis from -1 to 0, got 1"`,
    );
    expect(
      message(() => vmap((x: Value) => x, { inAxes: [{ w: 0 }] })(np.zeros([2]))),
    ).toMatchInlineSnapshot(
      `"TreeError: vmap of (x) => x: inAxes does not fit the arguments: expected a prefix of *, got {"w":0}"`,
    );
  });
});

describe("control flow", () => {
  it("in reverse through a loop of unknown length is refused", () => {
    const f = (x: Value): Value =>
      whileLoop(
        (y: Value) => np.less(y, 100),
        (y: Value) => np.mul(y, 2),
        x,
      );
    expect(message(() => grad(f)(np.array(1)))).toMatchInlineSnapshot(
      `"DifferentiationError: whileLoop: reverse mode through whileLoop is not possible: got a loop whose number of iterations is only known when it runs. Use scan or foriLoop with a fixed number of iterations, or forward mode (jvp)."`,
    );
    expect(message(() => grad(jit(f))(np.array(1)))).toMatchInlineSnapshot(
      `"DifferentiationError: whileLoop: reverse mode through whileLoop is not possible: got a loop whose number of iterations is only known when it runs. Use scan or foriLoop with a fixed number of iterations, or forward mode (jvp)."`,
    );
  });

  it("must keep its types", () => {
    expect(
      message(() => scan((c: Value, x: Value) => [np.stack([c, x]), x], np.array(0), vector())),
    ).toMatchInlineSnapshot(
      `"ShapeError: scan: carry 0 changes its type in the body: expected f32[], got f32[2]. The body must return a carry of the shape and dtype it receives."`,
    );
    expect(
      message(() => scan((c: Value, x: Value) => [[c], x] as never, np.array(0), vector())),
    ).toMatchInlineSnapshot(
      `"TreeError: scan of (c, x) => [[c], x]: carry: trees have different structures: expected *, got [*]. They differ at $ (* against [*])."`,
    );
    expect(
      message(() => scan((c: Value) => c as never, np.array(0), vector())),
    ).toMatchInlineSnapshot(
      `"TreeError: scan of (c) => c: the body must return [carry, y]: got *"`,
    );
    expect(message(() => scan((c: Value) => [c, null], np.array(0), null))).toMatchInlineSnapshot(
      `"ShapeError: scan of (c) => [c, null]: without xs the number of iterations is needed: expected xs, or { length }, got neither. Give { length }."`,
    );
    expect(
      message(() => scan((c: Value) => [c, null], np.array(0), [np.zeros([2]), np.zeros([3])])),
    ).toMatchInlineSnapshot(
      `"ShapeError: scan of (c) => [c, null]: xs differ in length: expected 2, got 2, 3"`,
    );
    expect(
      message(() =>
        whileLoop(
          (x: Value) => x,
          (x: Value) => x,
          np.array(1),
        ),
      ),
    ).toMatchInlineSnapshot(
      `"DTypeError: whileLoop: the condition must return one bool: got f32[]"`,
    );
    expect(
      message(() =>
        whileLoop(
          (x: Value) => np.less(x, 1),
          (x: Value) => np.stack([x]),
          np.array(1),
        ),
      ),
    ).toMatchInlineSnapshot(
      `"ShapeError: whileLoop: the carry changes its type in the body: expected f32[], got f32[1]"`,
    );
  });

  it("must have branches of one type", () => {
    const x = np.array(1);
    expect(
      message(() =>
        cond(
          np.less(x, 0),
          (y: Value) => y,
          (y: Value) => np.stack([y]),
          x,
        ),
      ),
    ).toMatchInlineSnapshot(
      `"ShapeError: cond: branches return different types: expected f32[1], got f32[]. Make every branch return arrays of the same shapes and dtypes."`,
    );
    expect(
      message(() =>
        cond<[Value], unknown>(
          np.less(x, 0),
          (y) => y,
          (y) => [y],
          x,
        ),
      ),
    ).toMatchInlineSnapshot(
      `"TreeError: cond: trees have different structures: expected [*], got *. They differ at $ ([*] against *)."`,
    );
    expect(
      message(() =>
        cond(
          x,
          (y: Value) => y,
          (y: Value) => y,
          x,
        ),
      ),
    ).toMatchInlineSnapshot(
      `"DTypeError: cond: the predicate of cond must be a bool scalar: expected bool[], got f32[]. Compare first, e.g. with greater(x, 0)."`,
    );
  });
});

describe("jit", () => {
  it("refuses leaves that are not arrays, and static donations", () => {
    expect(message(() => jit((x: unknown) => x)("text"))).toMatchInlineSnapshot(
      `"ReformaxError: jit of (x) => x: the leaf 0 is not an array: expected arrays, numbers and booleans in trees of arrays and objects, got "text". Close over static settings, or mark them static in jit."`,
    );
    const scale = (x: Value, n: number): Value => np.mul(x, n);
    expect(
      message(() => jit(scale, { staticArgnums: [1], donateArgnums: [1] })),
    ).toMatchInlineSnapshot(
      `"ReformaxError: jit: a static argument cannot be donated: got argument 1"`,
    );
  });

  it("leaves donated tensors dead", () => {
    const x = np.array([1, 2]);
    const addOne = jit((y: Value) => np.add(y, 1), { donateArgnums: [0] });
    expect(addOne(x).toArray()).toEqual([2, 3]);
    expect(message(() => x.toArray())).toMatchInlineSnapshot(
      `"ReformaxError: anonymous: this tensor was donated and has no elements any more: got f32[2]. Use the result of the call that took it, copy it before that call, or do not donate it."`,
    );
    expect(message(() => addOne(x))).toMatchInlineSnapshot(
      `"ReformaxError: anonymous: this tensor was donated and has no elements any more: got argument 0: f32[2]. Use the result of the call that took it, copy it before that call, or do not donate it."`,
    );
  });
});

describe("trees", () => {
  it("name the first difference", () => {
    expect(
      message(() => tree.map((a: number, b: number) => a + b, { a: [1, 2] }, { a: [1] })),
    ).toMatchInlineSnapshot(
      `"TreeError: tree.map: trees have different structures: expected {"a":[*,*]}, got {"a":[*]}. They differ at $.a ([*,*] against [*])."`,
    );
  });
});
