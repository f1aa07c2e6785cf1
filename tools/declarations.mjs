import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A relative module name in a declaration file, as tsc writes it: after `from`, after `import`, or in `import("…")`. */
const relativeName = /(?<=\b(?:from |import |import\())"(\.{1,2}\/[^"]+)\.ts"/g;

/**
 * Makes the declarations that tsc wrote fit to publish: only files that an entry reaches, comments on what users can
 * name, and module names that end in `.js`, which every compiler resolves (tsc leaves the sources' `.ts` in declarations).
 * @param {string} emitted the folder that tsc wrote
 * @param {string} published the folder to write
 * @param {readonly string[]} entries paths below both folders
 */
export function publishDeclarations(emitted, published, entries) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  const visit = (file) => {
    if (texts.has(file)) return;
    const text = readFileSync(join(emitted, file), "utf8");
    texts.set(file, text);
    for (const [, name] of text.matchAll(relativeName)) {
      const imported = importedBy(file, name);
      if (!existsSync(join(emitted, imported))) throw new Error(`${file} imports no ${imported}`);
      visit(imported);
    }
  };
  entries.forEach(visit);
  const names = publicNames(texts, entries);
  for (const [file, text] of texts) {
    const target = join(published, file);
    mkdirSync(dirname(target), { recursive: true });
    const spoken = text.replaceAll(documented, (all, declaration, name) =>
      names.has(name) ? all : declaration,
    );
    writeFileSync(target, spoken.replaceAll(relativeName, '"$1.js"'));
  }
}

/**
 * @param {string} file
 * @param {string} name
 */
const importedBy = (file, name) => join(dirname(file), `${name}.d.ts`);

/** A comment and the beginning of the declaration that it is about, at the top level. */
const documented =
  /^\/\*\*(?:(?!\*\/)[^])*\*\/\n((?:export )?(?:declare )?(?:abstract )?(?:function|const|class|interface|type) (\w+))/gm;

const exportedAll = /^export \* (?:as \w+ )?from "(\.{1,2}\/[^"]+)\.ts"/gm;
const exportedSome = /^export (?:type )?\{([^}]*)\} from "\.[^"]+"/gm;
const declared =
  /^export (?:declare )?(?:abstract )?(?:function|const|class|interface|type) (\w+)/gm;

/**
 * What users can name: comments on all else would be read by nobody. A name that is public in one file is taken to be so in all.
 * @param {ReadonlyMap<string, string>} texts
 * @param {readonly string[]} entries
 * @returns {Set<string>}
 */
function publicNames(texts, entries) {
  const names = new Set();
  const open = [...entries];
  // Grows while it is walked.
  for (const file of open) {
    const text = texts.get(file) ?? "";
    for (const [, name] of text.matchAll(declared)) names.add(name);
    for (const [, list] of text.matchAll(exportedSome)) {
      for (const item of list.split(",")) names.add(/(\w+)(?: as \w+)?\s*$/.exec(item)?.[1]);
    }
    for (const [, name] of text.matchAll(exportedAll)) {
      const imported = importedBy(file, name);
      if (!open.includes(imported)) open.push(imported);
    }
  }
  return names;
}
