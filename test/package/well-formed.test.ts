/* What the checkers of others say about the tarball: publint about its metadata, arethetypeswrong about its types. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { beforeAll, expect, test } from "vitest";
import { modules } from "../../tools/entries.mjs";
import { packedInstall } from "../support/packed-install.ts";

let tarball: string;

beforeAll(() => {
  tarball = join(packedInstall(), "reformax.tgz");
}, 300_000);

test("publint has nothing to say", async () => {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball);
  const packed = buffer.slice(byteOffset, byteOffset + byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: packed } });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test("arethetypeswrong finds the types of every module, for ES modules", () => {
  const attw = "node_modules/@arethetypeswrong/cli/dist/index.js";
  const options = ["--profile", "esm-only", "--format", "json"];
  const { stdout, status } = spawnSync(process.execPath, [attw, tarball, ...options], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const { analysis } = JSON.parse(stdout) as {
    analysis: { entrypoints: Record<string, { hasTypes: boolean }> };
  };
  expect(Object.keys(analysis.entrypoints)).toEqual(
    expect.arrayContaining(Object.keys(modules).map((name) => name.replace("reformax", "."))),
  );
  expect(status).toBe(0);
});
