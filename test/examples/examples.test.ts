/*
 * The examples as a user runs them: from the packed package, installed in an empty folder. Each checks its own claim and
 * exits with an error when it does not hold; here it is seen that it says what it is about.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consumerFolder, packedInstall } from "../support/packed-install.ts";

const mostLines = 80;

const programs = readdirSync("examples").filter((name) => name.endsWith(".mjs"));

/** Lines that the programs print. */
const outputs: Readonly<Record<string, readonly RegExp[]>> = {
  "lsh-attention.mjs": [/^rounds +recall +error/, /^8 +0\.9\d+ +0\.\d+ +0\.250$/],
  "lstm.mjs": [/^step 300: loss 0\.\d+, right \d+ %$/, /^1,000 new sequences: right [\d.]+ %$/],
  "mlp.mjs": [
    /^linear: loss .*, told right \d/,
    /^two hidden layers of 32: .* told right 9\d\.\d %$/,
  ],
  "newton.mjs": [/^step +newton +descent/, /^5 +\d\.\de-\d+ +\d\.\de-\d+$/, /^weights f32\[4\]/],
  "per-example-gradients.mjs": [/: \[ 1000, 2, 32 \]$/, /clipped 0\.2000$/, /gradients: \d+$/],
  "regression.mjs": [/^linear: loss \d/, /^logistic: loss \d/, /farthest .* allowed 0\.5$/],
  "reversible-stack.mjs": [
    /^2 layers: inputs rebuilt true, gradients equal true,$/,
    /^16 layers: inputs rebuilt true, gradients equal true,$/,
  ],
  "same-hash.mjs": [/^own loop   [0-9a-f]{64}$/, /^program    [0-9a-f]{64}$/],
  "train-and-generate.mjs": [/^step 30: [34]\.\d+ bits\/byte$/, /^It was ./],
  "vae.mjs": [/^step 1500: bound -\d/, /^new pictures: -\d.*, independent pixels -\d/, /#{3}/],
};

let folder: string;

beforeAll(() => {
  folder = consumerFolder({});
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Where the installed package holds its examples. */
const shipped = (): string => join(packedInstall(), "node_modules/reformax/examples");

test("all of them are in the package, and expected to print something", () => {
  expect(readdirSync(shipped()).filter((name) => name.endsWith(".mjs"))).toEqual(programs);
  expect(programs).toEqual(expect.arrayContaining(Object.keys(outputs)));
});

describe.each(programs)("%s", (name) => {
  test(`has fewer than ${mostLines} lines`, () => {
    const lines = readFileSync(join("examples", name), "utf8").trimEnd().split("\n");
    expect(lines.length).toBeLessThan(mostLines);
  });

  test("is in the table of examples", () => {
    expect(readFileSync("examples/README.md", "utf8")).toContain(`[${name}](${name})`);
  });
});

test.each(Object.entries(outputs))("%s holds its claim", (name, lines) => {
  const env = { ...process.env, REFORMAX_THREADS: "1" };
  const printed = execFileSync(process.execPath, [join(shipped(), name)], {
    cwd: folder,
    env,
    encoding: "utf8",
  }).split("\n");
  for (const line of lines) expect(printed).toContainEqual(expect.stringMatching(line));
});

test("their types are right against the published declarations", () => {
  const project = join(folder, "types");
  mkdirSync(project);
  cpSync("examples", join(project, "examples"), { recursive: true });
  const compilerOptions = {
    allowJs: true,
    strict: true,
    noEmit: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    target: "es2022",
    lib: ["es2023"],
    module: "nodenext",
    types: ["node"],
    typeRoots: [resolve("node_modules/@types")],
  };
  const config = { compilerOptions, include: ["examples/*.mjs"] };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", project], {
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

test("every one of them asks for its types to be checked", () => {
  for (const name of programs) {
    expect(readFileSync(join("examples", name), "utf8")).toMatch(/^\/\/ @ts-check\n/);
  }
});
