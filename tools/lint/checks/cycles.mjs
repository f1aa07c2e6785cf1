import { target } from "../parse.mjs";

/** The shortest way from `start` back to itself, or undefined. */
function cycleThrough(start, edges) {
  const cameFrom = new Map();
  const queue = [start];
  for (const path of queue) {
    for (const next of edges.get(path) ?? []) {
      if (next === start) {
        const cycle = [start];
        for (let at = path; at !== start; at = cameFrom.get(at)) cycle.unshift(at);
        return [start, ...cycle];
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

/**
 * No file imports itself, in however many steps; imports of types count.
 * @param {readonly import("../parse.mjs").SourceFile[]} files
 * @returns {import("../parse.mjs").Problem[]}
 */
export function cycles(files) {
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports.map((imported) => target(file, imported)).filter((path) => path !== undefined),
    ]),
  );
  const problems = [];
  const reported = new Set();
  for (const file of files) {
    if (reported.has(file.path)) continue;
    const cycle = cycleThrough(file.path, edges);
    if (cycle === undefined) continue;
    for (const path of cycle) reported.add(path);
    const line = file.imports.find((imported) => target(file, imported) === cycle[1])?.line ?? 1;
    problems.push({ path: file.path, line, message: `import cycle: ${cycle.join(" -> ")}` });
  }
  return problems;
}
