/**
 * Writes assembly/generated/kernel-table.ts: the interpreter's switch over all kernels, numbered in the order of their names, which
 * is the order in which the host numbers the exports. Kernels are the files of assembly/kernels/ that assembly/index.ts lists. Greater numbers
 * are kernels that users bring: the host puts their functions into the module's table, the same place on every thread.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const output = join(root, "assembly/generated/kernel-table.ts");

const index = readFileSync(join(root, "assembly/index.ts"), "utf8");
const names = [...index.matchAll(/"\.\/kernels\/(\w+)"/g)].map(([, name]) => name).sort();

const text = `// Written by tools/generate-kernel-table.mjs.
${names.map((name) => `import { ${name} } from "../kernels/${name}";`).join("\n")}

/** Does one share of the work of a kernel, by its number; from ${names.length} on, kernels brought from outside, by their place in the table of functions. */
export function callKernel(kernel: i32, args: usize, part: i32, parts: i32): void {
  switch (kernel) {
${names.map((name, i) => `    case ${i}: return ${name}(args, part, parts);`).join("\n")}
    default: call_indirect(kernel - ${names.length}, args, part, parts);
  }
}
`;

mkdirSync(dirname(output), { recursive: true });
if (!existsSync(output) || readFileSync(output, "utf8") !== text) writeFileSync(output, text);
