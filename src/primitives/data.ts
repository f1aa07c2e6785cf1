import type { Primitive } from "../ir/primitive.ts";
import { argMax, argMin } from "./ordering/arg-extremum.ts";
import { bucketSort } from "./ordering/bucket-sort.ts";
import { cumSum } from "./reduction/cum-sum.ts";
import { dynamicSlice } from "./indexing/dynamic-slice.ts";
import { dynamicUpdateSlice } from "./indexing/dynamic-update-slice.ts";
import { gather } from "./indexing/gather.ts";
import { iota } from "./indexing/iota.ts";
import { offload } from "./memory/offload.ts";
import { lshHash } from "./hashing/lsh-hash.ts";
import { permute } from "./indexing/permute.ts";
import { randomBits } from "./random/random-bits.ts";
import { scatterAdd } from "./indexing/scatter-add.ts";
import { sort } from "./ordering/sort.ts";
import { threefry2x32 } from "./random/threefry2x32.ts";

/** Operations that move, park, order, hash or generate elements; the index lists them among all others. */
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
  offload,
  permute,
  randomBits,
  scatterAdd,
  sort,
  threefry2x32,
];
