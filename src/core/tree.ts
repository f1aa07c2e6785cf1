import { checkFunction, checkList, checkParts, checkText } from "./arguments.ts";
import { TreeError } from "./errors.ts";
import {
  checkSameStructure,
  checkStructure,
  intern,
  leafDef,
  noneDef,
  type TreeDef,
} from "./tree-def.ts";

export { checkSameStructure, type TreeDef } from "./tree-def.ts";

/**
 * A tree: arrays, tuples, plain objects (keys sorted), Maps of registered kinds, and registered
 * nodes; everything else is a leaf. `null` and `undefined` are empty nodes without leaves.
 */
export type Tree<Leaf> =
  Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> } | null | undefined;

/** How to take a class instance apart and put it together again. */
export interface NodeType<T> {
  /** Stable name, unique among registered nodes. */
  readonly name: string;
  readonly constructor_: abstract new (...args: never[]) => T;
  /** Children (traversed), and static data that is part of the structure (compared by its JSON text). */
  flatten(value: T): { readonly children: readonly unknown[]; readonly auxiliary?: unknown };
  unflatten(children: readonly unknown[], auxiliary: unknown): T;
}

const nodeTypes = new Map<unknown, NodeType<unknown>>();
const nodeNames = new Map<string, NodeType<unknown>>();

/**
 * Registers a class as an inner node of trees.
 *
 * @example
 * import { tree } from "reformax";
 * class Pair { constructor(readonly a: unknown, readonly b: unknown) {} }
 * tree.registerNode({
 *   name: "Pair", constructor_: Pair,
 *   flatten: (p: Pair) => ({ children: [p.a, p.b] }),
 *   unflatten: ([a, b]) => new Pair(a, b),
 * });
 * console.log(tree.leaves(new Pair(1, [2, 3]))); // => [ 1, 2, 3 ]
 */
export function registerNode<T>(type: NodeType<T>): void {
  checkParts(type, ["name", "constructor_", "flatten", "unflatten"], "the type", "registerNode");
  checkText(type.name, "the name", "registerNode");
  for (const part of ["constructor_", "flatten", "unflatten"] as const) {
    checkFunction(type[part], part, "registerNode");
  }
  if (nodeNames.has(type.name)) {
    throw new TreeError("a node type of this name is registered already", {
      where: "tree.registerNode",
      expected: "a name of its own",
      got: type.name,
      fix: "Choose another name, or register once.",
    });
  }
  nodeTypes.set(type.constructor_, type);
  nodeNames.set(type.name, type);
}

/** The treedef of a single leaf. */
export const leafStructure: TreeDef = leafDef;

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const nodeTypeOf = (value: unknown): NodeType<unknown> | undefined =>
  typeof value === "object" && value !== null ? nodeTypes.get(value.constructor) : undefined;

/** Levels of a tree: far more than models have, far fewer than a call stack bears. */
const deepest = 500;

function checkDepth(depth: number): void {
  if (depth <= deepest) return;
  throw new TreeError("the tree is too deep, or lies within itself", {
    where: "tree",
    expected: `at most ${deepest} levels`,
    fix: "Put the parts of a long chain into one list.",
  });
}

function structureInto(
  value: unknown,
  out: unknown[],
  depth: number,
  isLeaf?: (value: unknown) => boolean,
): TreeDef {
  if (isLeaf?.(value)) {
    out.push(value);
    return leafDef;
  }
  if (value === null || value === undefined) return noneDef;
  if (Array.isArray(value)) {
    checkDepth(depth);
    const children = value.map((child) => structureInto(child, out, depth + 1, isLeaf));
    return intern({ kind: "array", keys: [], children });
  }
  if (isPlainObject(value)) {
    checkDepth(depth);
    const keys = Object.keys(value).sort();
    const children = keys.map((key) => structureInto(value[key], out, depth + 1, isLeaf));
    return intern({ kind: "object", keys, children });
  }
  const type = nodeTypeOf(value);
  if (type) {
    checkDepth(depth);
    const { children: parts, auxiliary } = type.flatten(value);
    const children = parts.map((child) => structureInto(child, out, depth + 1, isLeaf));
    const keys = [type.name, JSON.stringify(auxiliary) ?? ""];
    return intern({ kind: "node", keys, children, auxiliary });
  }
  out.push(value);
  return leafDef;
}

export interface Flat<Leaf> {
  readonly leaves: readonly Leaf[];
  readonly structure: TreeDef;
}

/**
 * Leaves in canonical order (object keys sorted) and the structure that puts them back.
 *
 * @param isLeaf - stops the descent where it returns true
 * @throws TreeError when a tree has more than 500 levels, or lies within itself
 * @example
 * import { tree } from "reformax";
 * const { leaves, structure } = tree.flatten({ b: [1, 2], a: 0 });
 * console.log(leaves, structure.text); // => [ 0, 1, 2 ] {"a":*,"b":[*,*]}
 */
export function flatten<Leaf = unknown>(
  value: unknown,
  isLeaf?: (value: unknown) => boolean,
): Flat<Leaf> {
  if (isLeaf !== undefined) checkFunction(isLeaf, "isLeaf", "tree.flatten or tree.structureOf");
  const leaves: unknown[] = [];
  const structure = structureInto(value, leaves, 1, isLeaf);
  return { leaves: leaves as Leaf[], structure };
}

/** The structure of `value`. */
export const structureOf = (value: unknown, isLeaf?: (value: unknown) => boolean): TreeDef =>
  flatten(value, isLeaf).structure;

/**
 * Inverse of {@link flatten}. Throws a TreeError when the number of leaves does not fit.
 *
 * @example
 * import { tree } from "reformax";
 * const { structure } = tree.flatten({ w: 0, b: 0 });
 * console.log(tree.unflatten(structure, ["bias", "weight"])); // => { b: 'bias', w: 'weight' }
 */
export function unflatten<T = unknown>(structure: TreeDef, leaves: readonly unknown[]): T {
  checkStructure(structure, "tree.unflatten");
  if (checkList(leaves, "the list of leaves", "tree.unflatten").length !== structure.leafCount) {
    throw new TreeError("wrong number of leaves", {
      where: "tree.unflatten",
      expected: `${structure.leafCount} for ${structure.text}`,
      got: String(leaves.length),
    });
  }
  let next = 0;
  const build = (definition: TreeDef): unknown => {
    switch (definition.kind) {
      case "leaf":
        return leaves[next++];
      case "none":
        return null;
      case "array":
        return definition.children.map(build);
      case "object":
        return Object.fromEntries(
          definition.children.map((child, i) => [definition.keys[i], build(child)]),
        );
      case "node": {
        const type = nodeNames.get(definition.keys[0]);
        if (!type) throw new TreeError(`node type ${definition.keys[0]} is not registered`);
        return type.unflatten(definition.children.map(build), definition.auxiliary);
      }
      default:
        return definition.kind satisfies never;
    }
  };
  return build(structure) as T;
}

/** The leaves in canonical order. */
export const leaves = <Leaf = unknown>(value: unknown): readonly Leaf[] =>
  flatten<Leaf>(value).leaves;

/**
 * Applies `f` leaf by leaf to one or several trees of the same structure.
 *
 * @throws TreeError when the structures differ
 * @example
 * import { tree } from "reformax";
 * console.log(tree.map((x: number, y: number) => x + y, { a: 1, b: 2 }, { b: 20, a: 10 })); // => { a: 11, b: 22 }
 */
export function map<Leaf, Result, T>(f: (leaf: Leaf) => Result, tree: T): T;
export function map<Leaf, Result, T>(
  f: (leaf: Leaf, ...others: Leaf[]) => Result,
  first: T,
  ...rest: unknown[]
): T;
export function map<Leaf, Result, T>(
  f: (leaf: Leaf, ...others: Leaf[]) => Result,
  first: T,
  ...rest: unknown[]
): T {
  checkFunction(f, "what to apply", "tree.map");
  const head = flatten<Leaf>(first);
  const others = rest.map((other) => {
    const flat = flatten<Leaf>(other);
    checkSameStructure(head.structure, flat.structure, "tree.map");
    return flat.leaves;
  });
  const mapped = head.leaves.map((leaf, i) => f(leaf, ...others.map((list) => list[i])));
  return unflatten<T>(head.structure, mapped);
}

/**
 * The path of every leaf, in canonical order: keys and indices joined by dots.
 *
 * @example
 * import { tree } from "reformax";
 * console.log(tree.paths({ layers: [{ w: 0 }, { w: 1 }] })); // => [ 'layers.0.w', 'layers.1.w' ]
 */
export function paths(value: unknown): readonly string[] {
  const found: string[] = [];
  const walk = (definition: TreeDef, prefix: readonly string[]): void => {
    if (definition.kind === "leaf") found.push(prefix.join("."));
    definition.children.forEach((child, i) => {
      walk(child, [...prefix, definition.kind === "object" ? definition.keys[i] : String(i)]);
    });
  };
  walk(structureOf(value), []);
  return found;
}
