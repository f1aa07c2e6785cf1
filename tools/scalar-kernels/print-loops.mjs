import { laneByLane } from "./instructions.mjs";
import { ConstantPool, printBody } from "./print-body.mjs";
import { inOrder } from "./schedule.mjs";

const header = "// Generated from the scalar formulas; do not edit.\n";
const pointers = ["x", "y", "z"];
const chainNames = ["a", "b", "c", "d"];

/**
 * One loop per operation: `out` to `end` in groups of 64 bytes, operands advancing by 16 bytes per
 * vector, or by 0 when one repeated group of 64 bytes stands for all of them.
 * @param {{ name: string, arity: number, result: import("./schedule.mjs").Node }[]} operations
 */
export function printLoops(operations) {
  const pool = new ConstantPool();
  const functions = operations.map((operation) => printLoop(operation, pool));
  return [
    header,
    `import {\n  ${[...laneByLane.values()].join(",\n  ")},\n} from "../support/lanes";`,
    "",
    pool.print(),
    "",
    ...functions,
    "/** A loop over the vectors of a tile. */",
    "type Loop = (",
    "  out: usize, end: usize, x: usize, xStep: usize, y: usize, yStep: usize, z: usize, zStep: usize,",
    ") => void;",
    "",
    "/** In the order of the operations' numbers. */",
    "const loops: StaticArray<Loop> = [",
    ...operations.map(({ name }) => `  ${name},`),
    "];",
    "",
    "export function runLoop(",
    "  op: i32, out: usize, end: usize,",
    "  x: usize, xStep: usize, y: usize, yStep: usize, z: usize, zStep: usize,",
    "): void {",
    "  unchecked(loops[op])(out, end, x, xStep, y, yStep, z, zStep);",
    "}",
    "",
  ].join("\n");
}

/**
 * Vectors in flight: with four, independent chains hide each other's latency; f64 values take two registers
 * each, and spill beyond two; lane by lane there is nothing to hide.
 */
function chainsOf(result) {
  const nodes = inOrder(result);
  if (nodes.some(({ op }) => laneByLane.has(op))) return 1;
  return nodes.some(({ kind }) => kind === "D") ? 2 : 4;
}

function printLoop({ name, arity, result }, pool) {
  const chains = chainsOf(result);
  const used = pointers.slice(0, arity);
  const loads = used.flatMap((pointer) =>
    chainNames
      .slice(0, chains)
      .map(
        (chain, i) =>
          `    const ${pointer}${chain} = v128.load(${pointer}${i ? `, ${16 * i}` : ""});`,
      ),
  );
  const inputName = (input, chain) => `${pointers[input]}${chainNames[chain]}`;
  const { statements, results } = printBody(result, inputName, chains, pool);
  return [
    `function ${name}(`,
    "  out: usize, end: usize, x: usize, xStep: usize, y: usize, yStep: usize, z: usize, zStep: usize,",
    "): void {",
    ...used.map((pointer) => `  const ${pointer}Stride = ${pointer}Step * ${chains};`),
    "  do {",
    ...loads,
    ...statements,
    ...results.map((value, i) => `    v128.store(out, ${value}${i ? `, ${16 * i}` : ""});`),
    ...used.map((pointer) => `    ${pointer} += ${pointer}Stride;`),
    `    out += ${16 * chains};`,
    "  } while (out != end);",
    "}",
    "",
  ].join("\n");
}

/**
 * The functions of one argument on a single vector, for kernels that contain them.
 * @param {{ name: string, arity: number, result: import("./schedule.mjs").Node }[]} operations
 */
export function printFunctions(operations) {
  const pool = new ConstantPool();
  const functions = operations.map(({ name, result }) => {
    const { statements, results } = printBody(result, () => "x", 1, pool);
    return [
      "// @ts-ignore: decorator",
      "@inline",
      `export function ${name}(x: v128): v128 {`,
      ...statements.map((statement) => statement.slice(2)),
      `  return ${results[0]};`,
      "}",
      "",
    ].join("\n");
  });
  return [header, pool.print(), "", ...functions].join("\n");
}
