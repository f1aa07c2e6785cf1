/**
 * Writes assembly/generated/tile.ts, the register tiles of all matrix products. AssemblyScript has no macros and does not
 * unroll loops, and a tile is only fast when its k loop is unrolled by hand.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Steps of an iteration. */
const unroll = 8;
/** Steps that the offsets of splats reach: V8 has a register for each of them. */
const reach = 4;
const output = join(dirname(fileURLToPath(import.meta.url)), "../assembly/generated/tile.ts");

const range = (count) => Array.from({ length: count }, (_, i) => i);
const indent = (lines, spaces) => lines.map((line) => " ".repeat(spaces) + line);

/** A left operand whose rows of a step lie next to each other. */
const panels = {
  name: "tile",
  doc: (rows) => `${rows} words at a + p aStep`,
  parameters: "a: usize, aStep: usize, b: usize, bStep: usize",
  rightDoc: () => "b + p bStep",
  begin: () => [],
  loadLeft: (row) => `v128.load32_splat(a, ${4 * row})`,
  offset: () => 0,
  advance: () => ["a += aStep;", "b += bStep;"],
};

/**
 * A left operand that is read along its rows. `advances` tells after which of eight steps b goes on; until then offsets reach the following
 * ones. Found by search: of all ways this is one of the fastest, because no exit's jump reaches the end of 32 bytes of code (Intel's processors
 * from Skylake to Cascade Lake decode such lines anew each time, which costs up to a fifth), and no instruction is longer than it need be.
 */
const byRows = ({ bias, advances }) => {
  const goesOn = (u) => advances[u] === "1" || u === unroll - 1;
  const waiting = (u) => (u === 0 || goesOn(u - 1) ? 0 : 1 + waiting(u - 1));
  return {
    name: "rows",
    doc: () => "word p of the rows at a + min(i, last) aStep",
    parameters: "a: usize, aStep: usize, last: usize, b: usize",
    rightDoc: (columns) => `b + ${4 * columns} p`,
    begin: (rows) => [
      ...range(rows).map((row) => `let a${row} = a + min<usize>(${row}, last) * aStep;`),
      ...(bias > 0 ? [`b -= ${bias};`] : []),
    ],
    loadLeft: (row, u) => `v128.load32_splat(a${row}, ${4 * (u % reach)})`,
    offset: (columns, u) => bias + 4 * columns * waiting(u),
    advance: (rows, columns, u) => [
      ...(goesOn(u) ? [`b += ${4 * columns * (1 + waiting(u))};`] : []),
      ...(u % reach === reach - 1 ? range(rows).map((row) => `a${row} += ${4 * reach};`) : []),
    ],
  };
};

/** The tile of `rows` x `columns` sums, `columns` being a multiple of 4. */
function tile(left, rows, columns) {
  const vectors = range(columns / 4);
  const sums = range(rows).flatMap((row) => vectors.map((vector) => `s${row}${vector}`));
  const step = (u) => [
    ...vectors.map(
      (vector) => `b${vector} = v128.load(b, ${left.offset(columns, u) + 16 * vector});`,
    ),
    ...range(rows).flatMap((row) => [
      `x = ${left.loadLeft(row, u)};`,
      ...vectors.map(
        (vector) => `s${row}${vector} = multiplyAdd(s${row}${vector}, x, b${vector});`,
      ),
    ]),
    ...(u < unroll - 1 ? [`if (k == ${u + 1}) break;`] : [`k -= ${unroll};`, "if (k == 0) break;"]),
    ...left.advance(rows, columns, u),
  ];
  const finish = (value) =>
    range(rows).flatMap((row) => [
      ...vectors.map((vector) => {
        const previous = `v128.load(out, ${16 * vector})`;
        return `v128.store(out, ${value(`s${row}${vector}`, previous)}, ${16 * vector});`;
      }),
      ...(row < rows - 1 ? ["out += outStep;"] : []),
    ]);
  return [
    "/**",
    ` * The product of a ${rows} x k and a k x ${columns} matrix: out[i, j] = sum over p of a[i, p] b[p, j], or added to out. Step p reads`,
    ` * ${left.doc(rows)} and ${columns} words at ${left.rightDoc(columns)}; row i of the result starts at out + i outStep`,
    " * (all in bytes). The sum runs over p in order, from zero. k > 0.",
    " */",
    `export function ${left.name}${rows}x${columns}(`,
    `  k: i32, ${left.parameters}, out: usize, outStep: usize, accumulate: bool,`,
    "): void {",
    ...indent(
      [
        ...left.begin(rows),
        ...sums.map((sum) => `let ${sum} = f32x4.splat(0);`),
        ...vectors.map((vector) => `let b${vector}: v128;`),
        "let x: v128;",
        "while (true) {",
        ...indent(range(unroll).flatMap(step), 2),
        "}",
        "if (accumulate) {",
        ...indent(
          finish((sum, previous) => `f32x4.add(${previous}, ${sum})`),
          2,
        ),
        "} else {",
        ...indent(
          finish((sum) => sum),
          2,
        ),
        "}",
      ],
      2,
    ),
    "}",
  ].join("\n");
}

const tiles = [
  tile(panels, 4, 8),
  tile(byRows({ bias: 0, advances: "11001010" }), 4, 8),
  tile(byRows({ bias: 80, advances: "01100110" }), 3, 12),
  tile(byRows({ bias: 0, advances: "11111111" }), 3, 8),
];

const text = `/*
 * Written by tools/generate-microkernels.mjs. Sums, vectors of b, one of a (and a product, where it is an operation of its own) fit the registers
 * that V8 has; taller tiles would spill. The exits after every step are never needed for speed by themselves: they end basic blocks,
 * which keeps V8 from moving all loads to the front.
 */
import { multiplyAdd } from "../support/multiplyAdd";

${tiles.join("\n\n")}
`;

mkdirSync(dirname(output), { recursive: true });
if (!existsSync(output) || readFileSync(output, "utf8") !== text) writeFileSync(output, text);
