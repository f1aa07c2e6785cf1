import { minify } from "terser";

/**
 * Names of the top level and of functions stay, for messages and stacks; white space, comments and the other names of locals go. Nothing is
 * rewritten: `webgpu` must not become a name that bundlers see.
 * @type {import("terser").MinifyOptions}
 */
const options = {
  module: true,
  ecma: 2020,
  compress: false,
  // By these comments bundlers of users leave the import of an optional package, whose name they do not see, to the engine.
  format: { comments: /^\s*(webpackIgnore|@vite-ignore)/ },
  mangle: { module: false, toplevel: false, keep_fnames: true },
};

/** Rollup plugin: makes what is written small, and as readable as stack traces need. */
export function compact() {
  return {
    name: "compact",
    /** @param {string} code */
    renderChunk: async (code) => ({ code: (await minify(code, options)).code ?? code, map: null }),
  };
}
