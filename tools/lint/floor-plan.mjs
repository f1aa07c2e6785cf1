/**
 * The floor plan of the source tree: which folder may import which. Every rule of tools/lint that depends on where a
 * file lives reads this page.
 */

/** The tower, from the top floor to the bottom: a folder may import every folder of the floors below its own. */
export const tower = [
  ["cli", "demo", "experiments"],
  ["training", "interop", "verify"],
  ["generation"],
  ["reformer"],
  ["nn", "optim"],
  ["numpy", "random", "lax", "testing", "debug"],
  ["array"],
  ["transforms"],
  ["primitives"],
  ["ir"],
  ["core"],
];

/** Neighbours on one floor: the folder on the left may import those on the right, and no other of its floor. */
export const neighbours = {
  // The program runs the experiments.
  cli: ["experiments"],
  training: ["interop"],
  verify: ["interop"],
  lax: ["numpy"],
  random: ["numpy", "lax"],
  testing: ["numpy", "random", "lax", "debug"],
  debug: ["numpy", "lax"],
};

/** Folders beside the tower, and all they may import. A back end is injected at start-up and knows no other back end. */
export const beside = {
  edge: ["core"],
  plan: ["ir", "core"],
  "backends/reference": ["plan", "ir", "core"],
  "backends/wasm": ["plan", "ir", "core"],
  "backends/webgpu": ["plan", "ir", "core"],
};

/** The tower's folders that may import from beside it. */
export const visitors = {
  // Configurations and files are read with all of their problems at once.
  reformer: ["edge"],
  training: ["edge"],
  interop: ["edge"],
  verify: ["edge"],
  // Inspecting a compiled function shows its plan.
  transforms: ["plan"],
  testing: ["plan"],
  debug: ["plan"],
  // Programs choose and start a back end.
  cli: ["edge", "plan", "backends/reference", "backends/wasm", "backends/webgpu"],
  experiments: ["edge", "plan", "backends/reference", "backends/wasm", "backends/webgpu"],
};

/** Folders that use the package as its users do: by its public names, and by nothing else. */
export const guests = ["demo"];

/** Files directly in src/ assemble the package: they import anything below the top floor, which alone imports them. */
export const entry = "entry";

/** Files outside src/ that a folder may import. */
export const assets = {
  "backends/wasm": ["build/kernels.wasm", "build/kernels.relaxed.wasm"],
  "backends/webgpu": ["shaders/"],
};

/** Packages of others that a folder may import; a folder that is not named may import none. */
export const packages = {
  edge: ["fp-ts"],
  nn: ["fp-ts"],
  optim: ["fp-ts"],
  reformer: ["fp-ts"],
  training: ["fp-ts", "@noble/hashes", "fast-png", "midi-file"],
  interop: ["fp-ts", "@huggingface/tokenizers"],
  verify: ["fp-ts"],
  demo: ["uplot"],
  experiments: ["fp-ts", "commander", "cli-progress"],
  cli: ["fp-ts", "commander", "cli-progress"],
};

/** Where Node's built-in modules may be used: everything else must load in a page. */
export const nodeOnly = [
  "cli/",
  "experiments/",
  "training/node/",
  "interop/node/",
  "verify/node/",
  "edge/node/",
];

/** Files that import by a name that they compute, and why: nobody can check what it is. */
export const computedImports = {
  "src/backends/webgpu/device.ts":
    "bundlers of pages must not look for the package that only Node needs",
};

/** Folders that know no machine. */
export const machineFree = ["ir", "primitives", "transforms", "plan", "reformer"];

/** What gives a machine away in their code, and where it is allowed all the same. */
export const namesOfMachines = [
  { pattern: /wasm|webassembly|webgpu|wgsl/i, except: [], why: "backends are chosen at start-up" },
  { pattern: /opcode/i, except: [], why: "a backend writes plans down in its own form" },
  {
    pattern: /workspace|immediates/i,
    except: ["plan"],
    why: "how a kernel is called is a table of the backend",
  },
];

/** Folders whose numbers need not be the same bits on every engine. */
export const inexactMathAllowed = [
  "cli",
  "demo",
  "experiments",
  "training",
  "interop",
  "verify",
  "generation",
];

/**
 * The folder of the floor plan that a file belongs to, or undefined where the plan has no such folder.
 * @param {string} path relative to the repository root
 * @returns {string | undefined}
 */
export function folderOf(path) {
  const parts = path.replace(/^src\//, "").split("/");
  if (parts.length === 1) return entry;
  const folder = parts[0] === "backends" ? `backends/${parts[1]}` : parts[0];
  return folder in beside || tower.some((floor) => floor.includes(folder)) ? folder : undefined;
}

/**
 * Every folder that a folder may import, itself included.
 * @param {string} folder
 * @returns {Set<string>}
 */
export function allowedFrom(folder) {
  if (folder === entry) return new Set([entry, ...tower.slice(1).flat(), ...Object.keys(beside)]);
  if (folder in beside) return new Set([folder, ...beside[folder]]);
  const floor = tower.findIndex((names) => names.includes(folder));
  return new Set([
    folder,
    ...tower.slice(floor + 1).flat(),
    ...(neighbours[folder] ?? []),
    ...(visitors[folder] ?? []),
    ...(floor === 0 ? [entry] : []),
  ]);
}
