import { checkOptions } from "../core/arguments.ts";
import type { Value } from "../core/value.ts";
import { TreeError } from "../core/errors.ts";
import { checkWhole } from "../core/whole.ts";
import { normalizeAxis } from "../core/shape.ts";
import { unflatten, type TreeDef } from "../core/tree.ts";
import type { BatchAxis } from "../ir/primitive.ts";
import { mappedAt } from "../primitives/batch-axes.ts";
import { batchOf, mappedSize } from "./batch-program.ts";
import { flattenArguments, flattenFunction, calleeOf } from "./flat-function.ts";

/** For each argument an axis, null (not mapped), or a tree prefix of these. */
export type AxisTree = number | null | readonly AxisTree[] | { readonly [key: string]: AxisTree };

export interface VmapOptions {
  /** Mapped axes of the arguments: one for all (default 0), or one (or a tree) per argument. */
  readonly inAxes?: AxisTree;
  /** Axis of the results at which the mapped axis appears; default 0. */
  readonly outAxes?: number;
}

/**
 * Maps `f` over an axis of its arguments: the function sees one slice, the operations run on all
 * of them at once. As `jax.vmap`.
 *
 * @throws ShapeError when mapped axes differ in size
 * @example
 * import { vmap } from "reformax";
 * import { array, dot } from "reformax/numpy";
 * const rows = array([[1, 2], [3, 4]]);
 * console.log(vmap((x) => dot(x, x))(rows).toArray()); // => [ 5, 25 ]
 */
export function vmap<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options: VmapOptions = {},
): (...args: Args) => Result {
  checkOptions(options, { inAxes: "any", outAxes: "number" }, "vmap");
  checkAxes(options.inAxes ?? 0, "vmap");
  const { where } = calleeOf(f, "vmap");
  return (...args) => {
    const { leaves, structure } = flattenArguments(args, where);
    const { inAxes = 0 } = options;
    const requested = spreadAxes(
      typeof inAxes === "number" ? args.map(() => inAxes) : inAxes,
      structure,
      where,
    );
    const axes = requested.map((axis, i): BatchAxis =>
      axis === null ? undefined : normalizeAxis(axis, leaves[i].shape.length, where),
    );
    const size = mappedSize(leaves, axes, where);
    const flat = flattenFunction(f, structure, where);
    const result = batchOf(flat.call, leaves, axes, size);
    const outputs = result.values.map((value, i) => {
      const rank = value.shape.length + (result.axes[i] === undefined ? 1 : 0);
      return mappedAt(
        value,
        result.axes[i],
        normalizeAxis(options.outAxes ?? 0, rank, where),
        size,
      );
    });
    return unflatten<Result>(flat.resultStructure(), outputs);
  };
}

function checkAxes(axes: AxisTree, where: string): void {
  if (axes === null) return;
  if (typeof axes === "object") Object.values(axes).forEach((axis) => checkAxes(axis, where));
  else checkWhole(axes, "an axis in inAxes", where);
}

/** One axis per leaf from a prefix tree of axes. */
function spreadAxes(axes: AxisTree, structure: TreeDef, where: string): (number | null)[] {
  if (axes === null || typeof axes === "number") {
    return Array.from({ length: structure.leafCount }, () => axes);
  }
  const children = axesOfChildren(axes, structure);
  if (!children) {
    throw new TreeError("inAxes does not fit the arguments", {
      where,
      expected: `a prefix of ${structure.text}`,
      got: JSON.stringify(axes),
    });
  }
  return children.flatMap((child, i) => spreadAxes(child, structure.children[i], where));
}

/** The axes of a node's children, if they fit them one to one. */
function axesOfChildren(
  axes: Exclude<AxisTree, number | null>,
  { kind, keys, children }: TreeDef,
): readonly AxisTree[] | undefined {
  if (isList(axes)) {
    const isSequence = kind === "array" || kind === "node";
    return isSequence && axes.length === children.length ? axes : undefined;
  }
  const given = Object.keys(axes).sort();
  return kind === "object" && given.join() === keys.join()
    ? keys.map((key) => axes[key])
    : undefined;
}

const isList = (axes: AxisTree): axes is readonly AxisTree[] => Array.isArray(axes);
