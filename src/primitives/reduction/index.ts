import type { Primitive } from "../../ir/primitive.ts";
import { reduceAnd } from "./reduce-and.ts";
import { reduceMax } from "./reduce-max.ts";
import { reduceMin } from "./reduce-min.ts";
import { reduceOr } from "./reduce-or.ts";
import { reduceProduct } from "./reduce-product.ts";
import { reduceSum } from "./reduce-sum.ts";

/** Operations that combine all elements along some axes. */
export const reductionPrimitives: readonly Primitive<never>[] = [
  reduceAnd,
  reduceMax,
  reduceMin,
  reduceOr,
  reduceProduct,
  reduceSum,
];
