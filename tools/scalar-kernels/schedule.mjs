/** @typedef {import("../../src/ir/scalar/record.ts").WideLaneNode} Node */

/**
 * Nodes that `result` needs, operands first; the longest chain first, so that few values wait.
 * @param {Node} result
 * @returns {Node[]}
 */
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
