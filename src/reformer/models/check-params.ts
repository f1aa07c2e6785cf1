/** Clear errors for parameters that are not those of their configuration. */
import type * as S from "fp-ts/lib/State.js";
import { checkKind } from "../../core/arguments.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape } from "../../core/shape.ts";
import * as tree from "../../core/tree.ts";
import { isValue, type Value } from "../../core/value.ts";
import type { Key } from "../../nn/index.ts";
import { key as keyOf } from "../../random/key.ts";
import { evalShape } from "../../transforms/index.ts";
import { oncePer } from "../once-per.ts";

/**
 * A check that throws unless a tree has the arrays that the parameters of a configuration have.
 *
 * @param draw - draws them; called once for every configuration object
 */
export const paramsCheck = <Config extends object, Params extends object>(
  draw: (config: Config) => S.State<Key, Params>,
) => {
  const templateOf = oncePer((config: Config) =>
    partsOf(evalShape((key: Value) => draw(config)(key)[0], keyOf(0))),
  );
  /** @param head - `own`: the output is that of the configuration. `any`: it is not looked at, and need not be there */
  return (params: Params, config: Config, where: string, head: "own" | "any" = "own"): void => {
    const template = templateOf(config);
    const names = Object.keys(template).filter((name) => head === "own" || name !== "head");
    const given = params as Readonly<Record<string, unknown>>;
    checkKind(params, "object", "params", where);
    for (const name of names) checkTree(given[name], template[name], `params.${name}`, where);
  };
};

function checkTree(given: unknown, expected: TreeShape, what: string, where: string): void {
  const { leaves, structure } = tree.flatten(given);
  tree.checkSameStructure(expected.structure, structure, `${where}: ${what}`);
  leaves.forEach((leaf, i) => {
    const got = isValue(leaf) ? typeText(leaf) : describeArgument(leaf);
    if (got === expected.types[i]) return;
    throw new ShapeError(`${what}.${tree.paths(given)[i]} does not fit the configuration`, {
      where,
      expected: expected.types[i],
      got,
      fix: "initParams gives the parameters of a configuration.",
    });
  });
}

interface TreeShape {
  readonly structure: tree.TreeDef;
  readonly types: readonly string[];
}

const typeText = ({ dtype, shape }: Value): string => `${dtype}${formatShape(shape)}`;

function partsOf(shapes: object): Readonly<Record<string, TreeShape>> {
  const parts = Object.entries(shapes).map(([name, part]: [string, unknown]) => {
    const { leaves, structure } = tree.flatten<Value>(part, isShape);
    return [name, { structure, types: leaves.map(typeText) }] as const;
  });
  return Object.fromEntries(parts);
}

const isShape = (x: unknown): boolean =>
  typeof x === "object" && x !== null && "dtype" in x && "shape" in x;
