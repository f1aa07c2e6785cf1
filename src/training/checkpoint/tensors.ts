import { checkKind, checkKinds } from "../../core/arguments.ts";
import { tensorKind, tensorsKind } from "./check-tensors.ts";
import { formatAval, sameArrayType } from "../../core/aval.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { leaves, paths, structureOf, unflatten } from "../../core/tree.ts";
import { orThrow, unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";

/**
 * The leaves of a tree of tensors under their paths: `layers.0.w`.
 * @example
 * import { zeros } from "reformax/numpy";
 * import { tensorsOf } from "reformax/training";
 * console.log([...tensorsOf({ layers: [{ w: zeros([2]) }], b: zeros([]) }).keys()]);
 * // => [ 'b', 'layers.0.w' ]
 */
export const tensorsOf = (tree: unknown): ReadonlyMap<string, Tensor> =>
  tensorsIn(tree, "tree", "tensorsOf");

/** {@link tensorsOf} for the function of that name, whose argument is `what`. A tree that is nothing at all is a mistake. */
export function tensorsIn(tree: unknown, what: string, where: string): ReadonlyMap<string, Tensor> {
  if (tree === undefined || tree === null) {
    throw new ReformaxError(`${what} is nothing`, {
      where,
      expected: "a tree of arrays",
      got: String(tree),
    });
  }
  const found = namedLeaves(tree);
  for (const [name, leaf] of found)
    checkKind(leaf, tensorKind, name === "" ? what : `the leaf ${name} of ${what}`, where);
  return found;
}

/** Whatever the leaves are. */
export function namedLeaves(tree: unknown): ReadonlyMap<string, Tensor> {
  const names = paths(tree);
  const found = new Map(leaves<Tensor>(tree).map((leaf, i) => [names[i], leaf]));
  if (found.size !== names.length) {
    throw new ReformaxError("two leaves of the tree have the same path", {
      where: "checkpoint",
      fix: "Do not put dots into the keys of the parameter tree.",
    });
  }
  return found;
}

/**
 * A tree like `template` whose leaves are the tensors of the same names.
 *
 * @returns the tree, or every missing, superfluous or misshapen tensor
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { zeros } from "reformax/numpy";
 * import { tensorsOf, treeFrom } from "reformax/training";
 * const read = treeFrom({ w: zeros([2]), b: zeros([]) }, tensorsOf({ w: zeros([3]) }));
 * console.log(E.isLeft(read) && read.left.map(({ where, problem }) => `${where} ${problem}`));
 * // => [ 'tensor b is missing', 'tensor w has the wrong type' ]
 */
export function treeFrom<T>(template: T, tensors: ReadonlyMap<string, Tensor>): Validated<T> {
  checkKinds({ tensors: [tensors, tensorsKind] }, "treeFrom");
  const expected = tensorsIn(template, "template", "treeFrom");
  const problems = [...expected].flatMap(([name, like]): Problem[] => {
    const where = `tensor ${name}`;
    const tensor = tensors.get(name);
    if (tensor === undefined)
      return [{ where, problem: "is missing", expected: formatAval(like.aval) }];
    if (sameArrayType(tensor.aval, like.aval)) return [];
    const got = formatAval(tensor.aval);
    return [{ where, problem: "has the wrong type", expected: formatAval(like.aval), got }];
  });
  const extra = [...tensors.keys()].filter((name) => !expected.has(name));
  const superfluous = extra.map((name): Problem => ({
    where: `tensor ${name}`,
    problem: "has no place in this model",
  }));
  return unlessProblems([...problems, ...superfluous], () =>
    unflatten<T>(
      structureOf(template),
      [...expected.keys()].map((name) => tensors.get(name)),
    ),
  );
}

/**
 * {@link treeFrom}, throwing.
 *
 * @throws InputError with every missing, superfluous or misshapen tensor
 * @example
 * import { zeros } from "reformax/numpy";
 * import { tensorsOf, treeFromOrThrow } from "reformax/training";
 * const saved = tensorsOf({ w: zeros([2]), b: zeros([]) });
 * console.log(treeFromOrThrow({ w: zeros([2]), b: zeros([]) }, saved).w.shape); // => [ 2 ]
 */
export const treeFromOrThrow = <T>(template: T, tensors: ReadonlyMap<string, Tensor>): T =>
  orThrow(treeFrom(template, tensors));
