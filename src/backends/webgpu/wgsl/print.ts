import { neededNodes, type LaneLeaf, type LaneNode } from "../../../ir/scalar/record.ts";
import { wgslOperations } from "./lane-table.ts";

/** Statements that compute results, and the results' names. */
export interface PrintedLanes {
  readonly statements: readonly string[];
  readonly results: readonly string[];
}

/**
 * Prints what the results need, each value once, as statements of WGSL that call the functions of `wgslPrelude`.
 * @param inputName the name of an input: an f32, or an i32 for integers and bools
 */
export function printLanes(
  results: readonly LaneNode[],
  inputName: (index: number) => string,
): PrintedLanes {
  const nameOf = (node: LaneNode): string =>
    node.op === "input" ? inputName(node.value) : `v${node.id}`;
  const statements = neededNodes(results)
    .filter(({ op }) => op !== "input")
    .map((node) => `let ${nameOf(node)} = ${textOf(node, nameOf)};`);
  return { statements, results: results.map(nameOf) };
}

function textOf(node: LaneNode, nameOf: (node: LaneNode) => string): string {
  if (isLeaf(node)) return constantText(node);
  const count = node.value === undefined ? [] : [`${node.value}`];
  return wgslOperations[node.op](...node.operands.map(nameOf), ...count);
}

const isLeaf = (node: LaneNode): node is LaneLeaf => node.operands.length === 0;

/**
 * By bits, because not every number has a text that WGSL reads back as the same one. Zeros are kept from compilers, which
 * would take x + 0 for x (-0 + 0 is 0) and x 0 for 0 (it may be NaN); other constants simplify exactly.
 */
function constantText({ op, value }: LaneLeaf): string {
  if (op === "i32") return value === -0x80000000 ? "bitcast<i32>(0x80000000u)" : `${value}i`;
  if (op !== "f32") throw new Error(`WGSL has no constant of kind ${op}`);
  const bits = `0x${bitsOf(value).toString(16)}u`;
  const ordinary = Number.isFinite(value) && Math.abs(value) >= smallestNormal;
  return ordinary ? `bitcast<f32>(${bits})` : `opaque(${bits})`;
}

/** 2^-126. */
const smallestNormal = 1.1754943508222875e-38;

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

function bitsOf(value: number): number {
  floats[0] = value;
  return words[0];
}
