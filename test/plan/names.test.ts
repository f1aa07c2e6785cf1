import { beforeAll, describe, expect, it } from "vitest";
import { init, jit, named, type Value } from "../../src/index.ts";
import { scan } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";

beforeAll(async () => {
  await init("wasm");
});

describe("names in a plan", () => {
  it("lead from the program through the user's functions and scopes to a step", () => {
    const smooth = (x: Value): Value =>
      scan(
        (carry: Value) => [np.add(carry, named("mix", np.matmul)(carry, x)), np.sum(carry)],
        x,
        null,
        { length: 3 },
      )[0];
    const inner = jit(smooth, { name: "smooth" });
    const outer = jit((x: Value) => named("head", (y: Value) => inner(np.mul(y, 2)))(x));
    const { report } = outer.lower(np.ones([64, 64]));
    expect(report.plan).toMatch(/^function \d+ head\/smooth\/scan:/m);
    expect(report.plan).toMatch(/^ .* mix\/dotGeneral/m);
    expect(report.largest.map(({ name }) => name)).toContain("head/smooth/scan/mix/dotGeneral");
  });
});
