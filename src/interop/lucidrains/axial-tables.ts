import type { Value } from "../../core/value.ts";
import { reshape } from "../../numpy/index.ts";

/** Tables of the axes, f32[size, width] each, from those of the state dict. */
export const axialTables = (weights: Readonly<Record<string, Value>>, prefix: string): Value[] =>
  Object.keys(weights)
    .filter((name) => name.startsWith(`${prefix}weights.`))
    .sort((a, b) => axisOf(a) - axisOf(b))
    .map((name) => {
      const { shape } = weights[name];
      return reshape(weights[name], [Math.max(...shape.slice(1, -1)), shape[shape.length - 1]]);
    });

const axisOf = (name: string): number => Number(name.slice(name.lastIndexOf(".") + 1));
