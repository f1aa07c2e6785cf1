import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A relative module name in a declaration file, as tsc writes it: after `from`, after `import`, or in `import("…")`. */
const relativeName = /(?<=\b(?:from |import |import\())"(\.{1,2}\/[^"]+)\.ts"/g;

/**
 * Makes the declarations that tsc wrote fit to publish: only files that an entry reaches, and module names that end in
 * `.js`, which every compiler resolves (tsc leaves the sources' `.ts` in declarations).
 * @param {string} emitted the folder that tsc wrote
 * @param {string} published the folder to write
 * @param {readonly string[]} entries paths below both folders
 */
export function publishDeclarations(emitted, published, entries) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(join(emitted, file), "utf8");
    for (const [, name] of text.matchAll(relativeName)) {
      const imported = join(dirname(file), `${name}.d.ts`);
      if (!existsSync(join(emitted, imported))) throw new Error(`${file} imports no ${imported}`);
      visit(imported);
    }
    const target = join(published, file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text.replaceAll(relativeName, '"$1.js"'));
  };
  entries.forEach(visit);
}
