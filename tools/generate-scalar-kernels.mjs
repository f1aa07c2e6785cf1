/** Prints the loops of the scalar operations, from the formulas in src/, to assembly/generated/. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { printFunctions, printLoops } from "./scalar-kernels/print-loops.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "assembly/generated");

/** Functions that other kernels contain. */
const laneFunctions = {
  expLanes: "expF32",
  logLanes: "logF32",
  log1pLanes: "log1pF32",
  tanhLanes: "tanhF32",
};

const { scalarOps, wideScalarFormulas, createWideRecorder, tileOps } = await importFormulas();
const recorder = createWideRecorder();
const formulas = wideScalarFormulas(recorder.lanes);

const recordOperation = (name, types, formula) => ({
  name,
  arity: types.length,
  result: formula(...types.map((type, i) => recorder.input(type === "f32" ? "F" : "I", i))),
});
const operations = Object.entries(scalarOps).map(([name, signature]) =>
  recordOperation(name, signature.slice(0, -1), formulas[name]),
);
const fused = Object.entries(tileOps(recorder.lanes)).map(([name, formula]) =>
  recordOperation(name, Array(formula.length).fill("f32"), formula),
);
const functions = Object.entries(laneFunctions).map(([name, op]) =>
  recordOperation(name, scalarOps[op].slice(0, -1), formulas[op]),
);

mkdirSync(folder, { recursive: true });
writeIfChanged("scalar-loops.ts", printLoops([...operations, ...fused]));
writeIfChanged("scalar-functions.ts", printFunctions(functions));

/** Node 20 does not import TypeScript, so the formulas are bundled first. */
async function importFormulas() {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { scalarOps } from "./src/ir/expression.ts";
        export { wideScalarFormulas } from "./src/ir/scalar/formulas.ts";
        export { createWideRecorder } from "./src/ir/scalar/record.ts";
        export { tileOps } from "./src/backends/wasm/tile-ops.ts";`,
      resolveDir: root,
    },
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
}

function writeIfChanged(name, text) {
  const path = join(folder, name);
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}
