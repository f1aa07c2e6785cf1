/**
 * Writes assembly/generated/constants.ts: numbers that the kernels and the TypeScript around them share, from the tables in
 * src/backends/wasm/constants/.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const output = join(root, "assembly/generated/constants.ts");

/** The tables by file, the AssemblyScript type of their numbers, and whether their names are written in capitals. */
const tables = [
  { file: "control", table: "control", type: "usize", capitals: true },
  { file: "control", table: "profileBytes", type: "usize", suffix: "Bytes" },
  { file: "opcodes", table: "opcode", type: "i32", capitals: true },
  { file: "opcodes", table: "stepWords", type: "i32" },
  { file: "attention", table: "attentionFlags", type: "i32", capitals: true },
  { file: "attention", table: "attentionSpace", type: "i32" },
  { file: "attention", table: "attentionBlocks", type: "i32" },
  { file: "products", table: "products", type: "i32" },
  { file: "tiles", table: "tileScratch", type: "i32" },
];

const capitals = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const lines = [];
for (const { file, table, type, suffix = "", ...style } of tables) {
  const source = readFileSync(join(root, `src/backends/wasm/constants/${file}.ts`), "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "esm" });
  const numbers = (await import(`data:text/javascript,${encodeURIComponent(code)}`))[table];
  lines.push("", `// ${table} of constants/${file}.ts`);
  for (const [key, value] of Object.entries(numbers)) {
    const name = style.capitals ? capitals(key) : key + suffix;
    if (file === "attention") lines.push("// @ts-ignore: decorator", "@inline");
    lines.push(`export const ${name}: ${type} = ${value};`);
  }
}

const text = `// Written by tools/generate-constants.mjs from src/backends/wasm/constants/.\n${lines.join("\n")}\n`;
mkdirSync(dirname(output), { recursive: true });
if (!existsSync(output) || readFileSync(output, "utf8") !== text) writeFileSync(output, text);
