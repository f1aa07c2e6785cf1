/**
 * fp-ts is named by the files that every resolver finds: `fp-ts/lib/Either.js`. Its short form, `fp-ts/Either`, is a folder,
 * which Node and TypeScript's node16 resolution refuse; the declarations name what the sources name.
 * @param {readonly import("../parse.mjs").SourceFile[]} files
 * @returns {import("../parse.mjs").Problem[]}
 */
export function importablePackages(files) {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier }) => /^fp-ts(\/|$)/.test(specifier))
      .filter(({ specifier }) => !/^fp-ts\/lib\/\w+\.js$/.test(specifier))
      .map(({ specifier, line }) => ({
        path,
        line,
        message: `"${specifier}": import fp-ts as "fp-ts/lib/Name.js"`,
      })),
  );
}
