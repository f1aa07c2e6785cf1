import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { add, zeros } from "../../numpy/index.ts";
import type { HalfTrees, LayerParams } from "./reversible-layer.ts";

/** Parameters of layers that share arrays, in terms of these. */
export interface SharedParams {
  /** Each array once. */
  readonly values: readonly Value[];
  /** For each layer the places of its arrays among them. */
  readonly uses: readonly (readonly number[])[];
  /** The layers' parameters of arrays that stand for these. */
  readonly paramsOf: (values: readonly Value[]) => readonly LayerParams[];
}

/** Null where no array stands in two places. */
export function sharedParams(params: readonly LayerParams[]): SharedParams | null {
  const { leaves, structure } = tree.flatten<Value>(params);
  const values = [...new Set(leaves)];
  if (values.length === leaves.length) return null;
  const places = new Map(values.map((value, i) => [value, i]));
  const placeOf = (leaf: Value): number => places.get(leaf) ?? -1;
  const all = leaves.map(placeOf);
  return {
    values,
    uses: params.map((layer) => tree.leaves<Value>(layer).map(placeOf)),
    paramsOf: (given) =>
      tree.unflatten(
        structure,
        all.map((place) => given[place]),
      ) as readonly LayerParams[],
  };
}

/** Adds the gradients of all uses of each array, in the order in which they come. */
export function sumOfUses(values: readonly Value[], uses: SharedParams["uses"]) {
  const sums = new Map<number, Value>();
  return {
    add(gradient: HalfTrees, layer: number): void {
      tree.leaves<Value>(gradient).forEach((more, i) => {
        const place = uses[layer][i];
        const sum = sums.get(place);
        sums.set(place, sum ? add(sum, more) : more);
      });
    },
    /** Of an array that no layer uses it is zero. */
    total: (): readonly Value[] => values.map((value, i) => sums.get(i) ?? zeros(value.shape)),
  };
}
