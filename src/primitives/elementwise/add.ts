import { elementwise } from "../rules/elementwise.ts";

/** x + y; wraps for integers (`lax.add`). */
export const add = elementwise({
  name: "add",
  scalar: { f32: "addF32", i32: "addI32", u32: "addU32" },
  derivative: [(t) => t, (t) => t],
  transpose: ([cotangent], [x, y]) => [
    x.linear ? cotangent : undefined,
    y.linear ? cotangent : undefined,
  ],
});
