import type { Primitive } from "../ir/primitive.ts";
import { argMax, argMin } from "./arg-extremum.ts";
import { bucketSort } from "./bucket-sort.ts";
import { cumSum } from "./cum-sum.ts";
import { dynamicSlice } from "./dynamic-slice.ts";
import { dynamicUpdateSlice } from "./dynamic-update-slice.ts";
import { gather } from "./gather.ts";
import { iota } from "./iota.ts";
import { lshHash } from "./lsh-hash.ts";
import { permute } from "./permute.ts";
import { randomBits } from "./random-bits.ts";
import { scatterAdd } from "./scatter-add.ts";
import { sort } from "./sort.ts";
import { threefry2x32 } from "./threefry2x32.ts";

/** Operations that move, order, hash or generate elements; the index lists them among all others. */
export const dataPrimitives: readonly Primitive<never>[] = [
  argMax,
  argMin,
  bucketSort,
  cumSum,
  dynamicSlice,
  dynamicUpdateSlice,
  gather,
  iota,
  lshHash,
  permute,
  randomBits,
  scatterAdd,
  sort,
  threefry2x32,
];
