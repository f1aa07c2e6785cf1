import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { runCli } from "../../src/cli/run.ts";
import type { Services } from "../../src/cli/services.ts";
import { bundleProgram, type Finished, type Program } from "../support/cli.ts";
import { toyServices } from "./toy-services.ts";

/*
 * What the tests of the program share: a program to spawn, a run to compare with, and a fresh folder for each test.
 * Importing this file sets them up.
 */

const text = "the quick brown fox jumps over the lazy dog. ".repeat(40);

export let program: Program;
/** A folder with a run of 12 steps at once, and what its last checkpoint holds. */
export let wholeRun: string;
export let whole: Record<string, string>;
beforeAll(async () => {
  program = await bundleProgram("test/cli/toy-main.ts");
  wholeRun = mkdtempSync(join(tmpdir(), "reformax-whole-"));
  const data = join(wholeRun, "data.txt");
  writeFileSync(data, text);
  const { code } = await call(["train", "--data", data, "--out", join(wholeRun, "run")]);
  expect(code).toBe(0);
  whole = newest(join(wholeRun, "run"));
});
afterAll(() => {
  program.dispose();
  rmSync(wholeRun, { recursive: true, force: true });
});

export let folder: string;
export let data: string;
export let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reformax-cli-"));
  data = put("data.txt", text);
  out = join(folder, "run");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

export function put(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

export const trainArgs = (...more: string[]): string[] => [
  "train",
  "--data",
  data,
  "--out",
  out,
  ...more,
];

/** Checksum of every file of the newest checkpoint. */
export function newest(run = out): Record<string, string> {
  const name = readdirSync(run)
    .filter((entry) => entry.startsWith("step-"))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error("no checkpoint");
  const sums = readdirSync(join(run, name))
    .sort()
    .map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(run, name, file)))
        .digest("hex"),
    ]);
  return { name, ...Object.fromEntries(sums) };
}

/** Runs the program within this process: much faster, and enough where no signal or exit is at stake. A character of `out` is a byte. */
export async function call(
  args: readonly string[],
  services: Services = toyServices(),
): Promise<Finished> {
  const out: string[] = [];
  const err: string[] = [];
  const keep =
    (into: string[]) =>
    (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
      into.push(
        typeof chunk === "string" && into === err ? chunk : Buffer.from(chunk).toString("latin1"),
      );
      const written = rest.at(-1);
      if (typeof written === "function") (written as () => void)();
      return true;
    };
  const line = (into: string[]) => (message: string) => void into.push(`${message}\n`);
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(keep(out)),
    vi.spyOn(process.stderr, "write").mockImplementation(keep(err)),
    vi.spyOn(console, "log").mockImplementation(line(out)),
    vi.spyOn(console, "error").mockImplementation(line(err)),
  ];
  try {
    const code = await runCli(args, services);
    return { code, out: out.join(""), err: err.join("") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** One message on standard error, no stack trace, and a code that says so. */
export function expectMessage({ code, err }: Finished, message: RegExp, expectedCode = 1): void {
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n\s+at |node:internal/);
  expect(code).toBe(expectedCode);
}
