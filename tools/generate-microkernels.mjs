/**
 * Writes assembly/generated/tile.ts, the register tile of all matrix products. AssemblyScript has no macros and does not
 * unroll loops, and the tile is only fast when its k loop is unrolled by hand.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const rows = [0, 1, 2, 3];
const unroll = 8;
const output = join(dirname(fileURLToPath(import.meta.url)), "../assembly/generated/tile.ts");

const step = () =>
  [
    "b0 = v128.load(b);",
    "b1 = v128.load(b, 16);",
    ...rows.flatMap((row) => [
      `x = v128.load32_splat(a, ${row * 4});`,
      `s${row}0 = multiplyAdd(s${row}0, x, b0);`,
      `s${row}1 = multiplyAdd(s${row}1, x, b1);`,
    ]),
  ].map((line) => `    ${line}`);

const steps = Array.from({ length: unroll }, (_, u) => [
  ...step(),
  u < unroll - 1 ? `    if (k == ${u + 1}) break;` : `    k -= ${unroll};\n    if (k == 0) break;`,
  "    a += aStep;",
  "    b += bStep;",
]).flat();

const finish = (value) =>
  rows.flatMap((row) => [
    `    v128.store(out, ${value(`s${row}0`, "v128.load(out)")});`,
    `    v128.store(out, ${value(`s${row}1`, "v128.load(out, 16)")}, 16);`,
    ...(row < 3 ? ["    out += outStep;"] : []),
  ]);

const text = `// Written by tools/generate-microkernels.mjs.
import { multiplyAdd } from "../support/multiplyAdd";

/**
 * The product of a 4 x k and a k x 8 matrix: out[i, j] = sum over p of a[p, i] b[p, j], or added to out. Step p reads four
 * words at a + p aStep and eight at b + p bStep; row i of the result starts at out + i outStep (all in bytes). The sum
 * runs over p in order, from zero. k > 0.
 *
 * The eight sums, two vectors of b, one of a and a product are all registers V8 has: one more would spill. The exits after
 * every step are never needed for speed by themselves: they end basic blocks, which keeps V8 from moving all loads to the front.
 */
export function tile4x8(
  k: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, outStep: usize, accumulate: bool,
): void {
${rows.map((row) => `  let s${row}0 = f32x4.splat(0);\n  let s${row}1 = f32x4.splat(0);`).join("\n")}
  let b0: v128;
  let b1: v128;
  let x: v128;
  while (true) {
${steps.join("\n")}
  }
  if (accumulate) {
${finish((sum, previous) => `f32x4.add(${previous}, ${sum})`).join("\n")}
  } else {
${finish((sum) => sum).join("\n")}
  }
}
`;

mkdirSync(dirname(output), { recursive: true });
if (!existsSync(output) || readFileSync(output, "utf8") !== text) writeFileSync(output, text);
