import type { Primitive } from "../../ir/primitive.ts";
import { broadcastInDim } from "./broadcast-in-dim.ts";
import { concatenate } from "./concatenate.ts";
import { pad } from "./pad.ts";
import { reshape } from "./reshape.ts";
import { reverse } from "./reverse.ts";
import { slice } from "./slice.ts";
import { transpose } from "./transpose.ts";

/** Operations that re-arrange, repeat, cut and join at places known in advance. */
export const structurePrimitives: readonly Primitive<never>[] = [
  broadcastInDim,
  concatenate,
  pad,
  reshape,
  reverse,
  slice,
  transpose,
];
