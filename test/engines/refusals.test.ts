/* Engines that forbid something: what a program is told. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, installEngines } from "../../tools/engines/index.mjs";
import { bundleScript } from "../support/bundle.ts";

const folder = mkdtempSync(join(tmpdir(), "reformax-refusals-"));
const script = join(folder, "start-backend.mjs");

beforeAll(async () => {
  installEngines();
  await bundleScript("test/engines/start-backend.ts", script);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

const run = (
  path: string,
  args: readonly string[],
  options: object,
  env: Readonly<Record<string, string>> = {},
): string =>
  execFileSync(path, [...args, script, JSON.stringify(options)], {
    encoding: "utf8",
    // Node warns that --jitless takes WebAssembly with it.
    stdio: "pipe",
    env: { ...process.env, ...env },
  }).trim();

describe("Node", () => {
  test.each(["--jitless", "--no-expose-wasm"])("with %s has no WebAssembly", (flag) => {
    const said = run(process.execPath, [flag], {});
    expect(said).toContain("BackendError: wasm: this engine has no WebAssembly. Run Node without");
  });

  test.each([1, 2])("without memory for %i threads says so", (threads) => {
    const said = run(process.execPath, ["--wasm-max-mem-pages=10"], { threads });
    expect(said).toMatch(/^BackendError: wasm: there is no memory for WebAssembly: got .*ulimit/);
  });

  test("without code from strings has its threads", () => {
    const flag = "--disallow-code-generation-from-strings";
    expect(run(process.execPath, [flag], { threads: 2 })).toBe('{"count":2}');
  });
});

test.skipIf(process.platform !== "linux")("a limit of address space is named", () => {
  const limited = 'ulimit -v 4000000; exec "$@"';
  const said = run("bash", ["-c", limited, "bash", process.execPath], { threads: 2 });
  expect(said).toMatch(/^BackendError: wasm: there is no memory for WebAssembly: got .*ulimit/);
});

describe("Deno without a permission", () => {
  const deno = engines().find(({ name }) => name.startsWith("deno"));
  const audit = join(folder, "audit.jsonl");
  const start = (options: object): string =>
    run(deno?.path ?? "", deno?.args ?? [], options, {
      REFORMAX_THREADS: "1",
      DENO_AUDIT_PERMISSIONS: audit,
    });
  const asked = (): string => (existsSync(audit) ? readFileSync(audit, "utf8") : "");

  test("is asked for nothing when the number of threads is given", () => {
    expect(start({ threads: 2 })).toBe('{"count":2}');
    expect(asked()).toBe("");
  });

  test("takes an environment that may not be read for an empty one", () => {
    expect(start({})).toBe(JSON.stringify({ count: Math.min(availableParallelism(), 32) }));
    const questions = asked().trim().split("\n");
    expect(questions).toEqual([expect.stringContaining('"permission":"env"')]);
  });
});
