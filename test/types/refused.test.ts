import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL(".", import.meta.url));
const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

/** `line: code` of every error that the compiler finds in the fixtures, by file. */
function compilerErrors(): ReadonlyMap<string, readonly string[]> {
  const args = [tsc, "-p", `${folder}refused/tsconfig.json`, "--pretty", "false"];
  const text = outputOf(args);
  const found = new Map<string, string[]>();
  for (const [, file, line, code] of text.matchAll(/([\w-]+\.ts)\((\d+),\d+\): error (TS\d+)/g)) {
    found.set(file, [...(found.get(file) ?? []), `${line}: ${code}`]);
  }
  return found;
}

function outputOf(args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, args, { encoding: "utf8" });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

/** The errors that a fixture says it has, in comments behind the lines. */
const expectedErrors = (source: string): readonly string[] =>
  source.split("\n").flatMap((line, i) => {
    const code = /\/\/ (TS\d+)$/.exec(line)?.[1];
    return code === undefined ? [] : [`${i + 1}: ${code}`];
  });

describe("the type checker", () => {
  const errors = compilerErrors();
  const files = readdirSync(`${folder}refused`).filter((name) => name.endsWith(".ts"));

  it("has fixtures to refuse", () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
  });

  it.each(files)("refuses %s, where it says and nowhere else", (file) => {
    const expected = expectedErrors(readFileSync(`${folder}refused/${file}`, "utf8"));
    expect(expected).not.toEqual([]);
    expect(errors.get(file)).toEqual(expected);
  });
});
