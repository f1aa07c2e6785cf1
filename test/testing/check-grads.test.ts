import { beforeAll, expect, test } from "vitest";
import { customJvp, customVjp, init, type Value } from "reformax";
import { array, cos, exp, multiply, power, sin, sum } from "reformax/numpy";
import { checkGrads } from "reformax/testing";

beforeAll(async () => {
  await init();
});

const point = array([0.3, -0.7, 1.1]);

test("right derivatives pass, first and second", () => {
  checkGrads((x: Value) => multiply(sin(x), exp(x)), [point], { order: 2 });
  checkGrads(
    (x: Value, y: Value) => ({ a: sum(multiply(x, y)), b: [cos(y)] }),
    [point, array([1, 2, 3])],
  );
});

test("integer arguments and results are left alone", () => {
  checkGrads((x: Value, n: Value) => [power(x, 2), n], [point, array([1, 2, 3], "i32")]);
});

test("a wrong forward rule is caught", () => {
  const wrong = customJvp(
    (x: Value) => sin(x),
    ([x]: readonly Value[], [dx]: readonly Value[]) => [sin(x), multiply(dx, 0.9)],
  );
  expect(() => checkGrads(wrong, [point])).toThrow(/forward mode.*central differences/);
});

test("a wrong reverse rule is caught", () => {
  const wrong = customVjp((x: Value) => sin(x), {
    forward: (x: Value) => [sin(x), x] as const,
    backward: (x: Value, dy: Value) => [multiply(dy, sin(x))],
  });
  expect(() => checkGrads(wrong, [point], { modes: ["reverse"] })).toThrow(
    /reverse mode.*central differences/,
  );
});
