/**
 * Records what a formula does: an implementation of the Lanes interface whose values are the nodes
 * of a graph in which equal computations are one node.
 * @typedef {{ id: number, op: string, kind: "F" | "I" | "D" | "M", operands: Node[], value?: number }} Node
 */

/** The kind of each operation's result. */
const resultKinds = {
  F: [
    "add",
    "sub",
    "mul",
    "div",
    "sqrt",
    "neg",
    "abs",
    "floor",
    "ceil",
    "trunc",
    "nearest",
    "min",
    "max",
    "pmin",
    "pmax",
    "rem",
    "select",
    "zeroWhere",
    "nanWhere",
    "fromBits",
    "fromI32",
    "fromU32",
    "narrow",
  ],
  I: [
    "addI",
    "subI",
    "mulI",
    "negI",
    "absI",
    "minI",
    "maxI",
    "minU",
    "maxU",
    "andI",
    "orI",
    "xorI",
    "notI",
    "divI",
    "remI",
    "divU",
    "remU",
    "shiftLeftBy",
    "shiftRightBy",
    "shiftRightByU",
    "selectI",
    "bool",
    "bits",
    "toI32",
    "toU32",
  ],
  D: ["widen", "addD", "subD", "mulD", "divD", "floorD", "pminD", "pmaxD"],
  M: ["eq", "ne", "lt", "le", "eqI", "ltI", "ltU", "and", "or", "not"],
};
const immediateShifts = ["shiftLeft", "shiftRight", "shiftRightU"];

export function createRecorder() {
  const nodes = new Map();

  const record = (kind, op, operands, value) => {
    const key = `${op} ${operands.map(({ id }) => id).join(" ")} ${Object.is(value, -0) ? "-0" : value}`;
    const known = nodes.get(key);
    if (known) return known;
    const node = { id: nodes.size, op, kind, operands, value };
    nodes.set(key, node);
    return node;
  };

  const operations = Object.entries(resultKinds).flatMap(([kind, names]) =>
    names.map((name) => [name, (...operands) => record(kind, name, operands)]),
  );
  const shifts = immediateShifts.map((name) => [name, (a, count) => record("I", name, [a], count)]);
  const lanes = {
    ...Object.fromEntries([...operations, ...shifts]),
    f32: (value) => record("F", "f32", [], Math.fround(value)),
    i32: (value) => record("I", "i32", [], value | 0),
    f64: (value) => record("D", "f64", [], value),
  };
  const input = (kind, index) => record(kind, "input", [], index);
  return { lanes, input };
}

/** Nodes that `result` needs, operands first; the longest chain first, so that few values wait. */
export function inOrder(result) {
  const heights = new Map();
  const height = (node) => {
    const known = heights.get(node);
    if (known !== undefined) return known;
    const own = Math.max(0, ...node.operands.map((operand) => 1 + height(operand)));
    heights.set(node, own);
    return own;
  };
  const order = new Set();
  const visit = (node) => {
    if (order.has(node)) return;
    [...node.operands].sort((a, b) => height(b) - height(a)).forEach(visit);
    order.add(node);
  };
  visit(result);
  return [...order];
}
