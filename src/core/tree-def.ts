import { describeArgument } from "./describe-argument.ts";
import { TreeError } from "./errors.ts";

/**
 * The structure of a tree without its leaves. Interned: equal structures are the same object, as long as anybody holds it.
 */
export interface TreeDef {
  readonly kind: "leaf" | "none" | "array" | "object" | "node";
  /** Sorted keys of an object; the registered name of a node followed by its static data's key. */
  readonly keys: readonly string[];
  readonly children: readonly TreeDef[];
  readonly leafCount: number;
  /** Static data of a registered node. */
  readonly auxiliary?: unknown;
  /** Canonical text; two treedefs are equal exactly when their texts are. */
  readonly text: string;
  /**
   * Stands for the structure in the keys of caches: shorter than its text. No other structure ever has it; who keeps it
   * keeps the structure, too, because an equal one that is made after this one was collected has another.
   */
  readonly id: number;
}

type Node = Pick<TreeDef, "kind" | "keys" | "children" | "auxiliary">;

/** Those that somebody holds; a key whose structure is gone is taken out some time later. */
const interned = new Map<string, WeakRef<TreeDef>>();
const collected = new FinalizationRegistry<string>((key) => {
  if (interned.get(key)?.deref() === undefined) interned.delete(key);
});
let created = 0;

/** Its text is written when it is asked for: that of all levels of a deep tree would be long. */
class InternedDef implements TreeDef {
  readonly kind: TreeDef["kind"];
  readonly keys: readonly string[];
  readonly children: readonly TreeDef[];
  readonly auxiliary: unknown;
  readonly leafCount: number;
  readonly id: number;

  constructor({ kind, keys, children, auxiliary }: Node) {
    this.kind = kind;
    this.keys = keys;
    this.children = children;
    this.auxiliary = auxiliary;
    this.leafCount =
      kind === "leaf" ? 1 : children.reduce((sum, child) => sum + child.leafCount, 0);
    this.id = created++;
    Object.freeze(this);
  }

  get text(): string {
    return textOf(this);
  }
}

/**
 * The one treedef of these parts. It is found by a key that names the children by their ids: the
 * text of a whole tree would be long to write, and to look up, at every level of every call.
 */
export function intern(node: Node): TreeDef {
  const key = internKey(node);
  const known = interned.get(key)?.deref();
  if (known) return known;
  const definition = new InternedDef(node);
  interned.set(key, new WeakRef(definition));
  collected.register(definition, key);
  return definition;
}

function internKey({ kind, keys, children }: Node): string {
  let key: string = kind;
  for (const name of keys) key += `,${quoted(name)}`;
  key += ":";
  for (const { id } of children) key += `${id},`;
  return key;
}

/** Quoting tells keys with commas in them from several keys; nearly all are plain words. */
const quoted = (name: string): string => (/^\w*$/.test(name) ? name : JSON.stringify(name));

function textOf({ kind, keys, children }: Node): string {
  const texts = children.map((child) => child.text);
  switch (kind) {
    case "leaf":
      return "*";
    case "none":
      return "-";
    case "array":
      return `[${texts.join()}]`;
    case "object":
      return `{${texts.map((text, i) => `${JSON.stringify(keys[i])}:${text}`).join()}}`;
    case "node":
      return `${keys[0]}<${keys[1]}>(${texts.join()})`;
    default:
      return kind satisfies never;
  }
}

export const leafDef = intern({ kind: "leaf", keys: [], children: [] });
export const noneDef = intern({ kind: "none", keys: [], children: [] });

/** @throws TreeError for what is not the structure of a tree */
export function checkStructure(structure: TreeDef, where: string): TreeDef {
  const given: unknown = structure;
  if (typeof given === "object" && given !== null && "leafCount" in given && "text" in given)
    return structure;
  throw new TreeError("not the structure of a tree", {
    where,
    expected: "what structureOf or flatten gave",
    got: describeArgument(given),
  });
}

/** Throws a TreeError naming the first difference unless both structures are the same. */
export function checkSameStructure(expected: TreeDef, got: TreeDef, where: string): void {
  if (expected === got) return;
  checkStructure(expected, `${where} (checkSameStructure)`);
  checkStructure(got, `${where} (checkSameStructure)`);
  throw new TreeError("trees have different structures", {
    where,
    expected: expected.text,
    got: got.text,
    fix: `They differ at ${firstDifference(expected, got, "$")}.`,
  });
}

function firstDifference(a: TreeDef, b: TreeDef, path: string): string {
  if (
    a.kind !== b.kind ||
    a.keys.join() !== b.keys.join() ||
    a.children.length !== b.children.length
  ) {
    return `${path} (${a.text} against ${b.text})`;
  }
  const index = a.children.findIndex((child, i) => child !== b.children[i]);
  const key = a.kind === "object" ? a.keys[index] : String(index);
  return firstDifference(a.children[index], b.children[index], `${path}.${key}`);
}
