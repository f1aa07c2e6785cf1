/** What TypeScript infers of gradients; the values are what the types say. */
import { expectTypeOf, expect, test } from "vitest";
import { grad, init, valueAndGrad, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";

interface Params {
  readonly w: Value;
  readonly b: Value;
}

const loss = ({ w, b }: Params, x: Value): Value => np.sum(np.add(np.multiply(w, x), b));

test("a gradient has the type of its argument", async () => {
  await init("reference");
  const params = { w: np.array(2), b: np.array(1) };
  const x = np.array(3);

  const one = grad(loss)(params, x);
  expectTypeOf(one).toEqualTypeOf<Params>();
  expect(one.w.item()).toBe(3);

  const second = grad(loss, { argnums: 1 })(params, x);
  expectTypeOf(second).toEqualTypeOf<Value>();
  expect(second.item()).toBe(2);

  const both = grad(loss, { argnums: [1, 0] })(params, x);
  expectTypeOf(both).toEqualTypeOf<readonly [Value, Params]>();
  expect([both[0].item(), both[1].w.item()]).toEqual([2, 3]);

  const [value, gradients] = valueAndGrad(loss, { argnums: [0, 1] })(params, x);
  expectTypeOf(value).toEqualTypeOf<Value>();
  expectTypeOf(gradients).toEqualTypeOf<readonly [Params, Value]>();
  expect([value.item(), gradients[1].item()]).toEqual([7, 2]);
});

test("of a function of array-likes it is an array", async () => {
  await init("reference");
  const slope = grad(np.sin)(0);
  expectTypeOf(slope).toEqualTypeOf<Value>();
  expect(slope.item()).toBe(1);
  expect(grad((y: Value) => grad(np.sin)(y))(np.array(0)).item()).toBe(-0);
});

test("what comes beside the loss keeps its type", async () => {
  await init("reference");
  const withParts = (p: Params, x: Value): [Value, { readonly last: Value }] => [
    loss(p, x),
    { last: x },
  ];
  const params = { w: np.array(2), b: np.array(1) };
  const [gradient, { last }] = grad(withParts, { hasAux: true })(params, np.array(3));
  expectTypeOf(gradient).toEqualTypeOf<Params>();
  expectTypeOf(last).toEqualTypeOf<Value>();
  expect([gradient.w.item(), last.item()]).toEqual([3, 3]);

  const [pair, x] = grad(withParts, { argnums: [0, 1], hasAux: true })(params, np.array(3));
  expectTypeOf(pair).toEqualTypeOf<readonly [Params, Value]>();
  expect([pair[1].item(), x.last.item()]).toEqual([2, 3]);
});
