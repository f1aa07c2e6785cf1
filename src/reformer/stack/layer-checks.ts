/** Clear errors for stacks, parameters and contexts that do not fit each other. */
import { checkList } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { LayerParams, ReversibleLayer, StackContext } from "./reversible-layer.ts";

/** Throws unless every layer is a list of half-blocks under names that differ. */
export function checkLayers(layers: readonly ReversibleLayer[], where: string): void {
  checkList(layers, "layers", where).forEach((layer: unknown, i) => {
    const entries: readonly unknown[] = Array.isArray(layer) ? layer : [];
    const names = entries.map(nameOf);
    if (entries.length > 0 && names.every((name) => name !== null)) {
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      if (twice === undefined) return;
      throw new ReformaxError("two half-blocks of a layer have one name", {
        where,
        expected: "names that differ: parameters and context stand under them",
        got: `${JSON.stringify(twice)} twice in layer ${i}`,
      });
    }
    throw new ReformaxError("a layer is a list of half-blocks", {
      where,
      expected: "[{ name, block }, ...]",
      got: `${describe(layer)} as layer ${i}`,
      fix:
        "In place of { f: attention, g: feedForward } write " +
        '[{ name: "f", block: attention }, { name: "g", block: feedForward }]; parameters and contexts stay as they are.',
    });
  });
}

/** The name of a half-block in a layer, null for anything else. */
function nameOf(entry: unknown): string | null {
  if (!isObject(entry) || !("name" in entry) || !("block" in entry)) return null;
  const { name, block } = entry;
  return typeof name === "string" && isBlock(block) ? name : null;
}

const isBlock = (block: unknown): boolean =>
  isObject(block) && "kind" in block && (block.kind === "rows" || block.kind === "parts");

/** Throws unless there are parameters and a context for each half-block, and for nothing else. */
export function checkTrees(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  context: StackContext,
  where: string,
): void {
  checkList(params, "params", where);
  if (params.length !== layers.length || context.layers.length !== layers.length) {
    throw new ReformaxError("parameters or context do not fit the stack", {
      where,
      expected: `${layers.length} layers`,
      got: `${params.length} parameter trees and ${context.layers.length} contexts`,
    });
  }
  layers.forEach((layer, i) => {
    checkNames(layer, params[i], `parameters of layer ${i}`, where);
    checkNames(layer, context.layers[i], `context of layer ${i}`, where);
  });
}

function checkNames(layer: ReversibleLayer, trees: unknown, whose: string, where: string): void {
  const names = layer.map(({ name }) => name);
  const given = isObject(trees) ? Object.keys(trees) : [];
  if (names.every((name) => given.includes(name)) && given.length === names.length) return;
  throw new ReformaxError(`the ${whose} do not fit its half-blocks`, {
    where,
    expected: `one tree under each of ${names.join(", ")}`,
    got: isObject(trees) ? given.join(", ") || "none" : describe(trees),
    fix: "Half-blocks without parameters, or without a context, have null there.",
  });
}

const isObject = (x: unknown): x is object => typeof x === "object" && x !== null;

const describe = (x: unknown): string =>
  isObject(x) ? `{ ${Object.keys(x).join(", ")} }` : String(x);
