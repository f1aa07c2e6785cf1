import * as random from "reformax/random";
import { call, type Table } from "./check.ts";
import {
  allowing,
  array,
  axis,
  besides,
  count,
  dtype,
  key,
  optional,
  options,
  shape,
  whole,
} from "./kinds.ts";

const aKey = key("key", random.key(0));
const aShape = optional(shape("shape", [2]));
const drawn = call(aKey, aShape);
const anAxis = optional(axis("axis", 0));

export const table: Table = {
  bernoulli: call(aKey, optional(array("p", 0.5)), aShape),
  bits: drawn,
  categorical: call(aKey, array("logits", [0, 1]), anAxis, aShape),
  exponential: drawn,
  foldIn: call(aKey, whole("data", 1)),
  gumbel: drawn,
  key: call(allowing(whole("seed", 0), "bigint")),
  laplace: drawn,
  logistic: drawn,
  normal: drawn,
  permutation: call(
    aKey,
    besides(array("x", [1, 2, 3]), { fraction: 2.5, negative: -1, NaN: NaN }),
    anAxis,
    options({ independent: true }),
  ),
  rademacher: drawn,
  randint: call(
    aKey,
    shape("shape", [2]),
    array("minval", 0),
    array("maxval", 5),
    optional(besides(dtype("dtype", "i32"), { f32: "f32", bool: "bool" })),
  ),
  split: call(aKey, optional(count("count", 2))),
  splitKeys: call(aKey, shape("shape", [2])),
  truncatedNormal: call(aKey, array("lower", -1), array("upper", 1), aShape),
  uniform: call(aKey, aShape, optional(array("minval", 0)), optional(array("maxval", 2))),
};
