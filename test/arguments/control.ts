import type { Value } from "reformax";
import * as np from "reformax/numpy";
import { call, type Table } from "./check.ts";
import { anything, besides, callback, callbacks, optional, options, whole } from "./kinds.ts";

const zero = np.array(0);
const predicate = besides(anything("predicate", true), {
  undefined: undefined,
  text: "yes",
  number: 1,
  list: [true],
  function: () => true,
});
const leaf = besides(anything("init", zero), {
  text: "0",
  function: () => 0,
  bigint: 0n,
  symbol: Symbol("0"),
});

/** Control flow, which reformax and reformax/lax both export. */
export const control: Table = {
  cond: call(
    predicate,
    callback("onTrue", (x: Value) => x),
    callback("onFalse", (x: Value) => np.neg(x)),
    leaf,
  ),
  foriLoop: call(
    whole("lower", 0),
    whole("upper", 2),
    callback("body", (_: Value, x: Value) => np.add(x, 1)),
    leaf,
  ),
  map: call(
    callback("f", (x: Value) => x),
    besides(anything("xs", np.array([1, 2])), { number: 1, text: "12", nothing: undefined }),
  ),
  scan: call(
    callback("f", (carry: Value, x: Value) => [np.add(carry, x), x]),
    leaf,
    besides(anything("xs", np.array([1, 2])), { number: 1, text: "12" }),
    optional(options({ length: 2, reverse: true })),
  ),
  switchCase: call(
    besides(anything("index", np.array(0, "i32")), {
      undefined: undefined,
      null: null,
      text: "0",
      fraction: 0.5,
      NaN: NaN,
      float: np.array(0),
      list: [0],
      vector: np.array([0, 1], "i32"),
    }),
    besides(callbacks("branches", [(x: Value) => x, (x: Value) => np.neg(x)]), { none: [] }),
    leaf,
  ),
  whileLoop: call(
    callback("condition", (x: Value) => np.less(x, 2)),
    callback("body", (x: Value) => np.add(x, 1)),
    leaf,
  ),
};
