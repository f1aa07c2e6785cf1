import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isolationHeaders, serveStatic, type StaticServer } from "./static-server.ts";

const folder = mkdtempSync(join(tmpdir(), "reformax-served-"));
let server: StaticServer;

beforeAll(async () => {
  mkdirSync(join(folder, "inside"));
  writeFileSync(join(folder, "secret.js"), "secret");
  writeFileSync(join(folder, "inside", "index.html"), "<p>hello");
  writeFileSync(join(folder, "inside", "a.js"), "1");
  const inside = join(folder, "inside");
  server = await serveStatic([
    { at: "/", folder: inside },
    { at: "/isolated/", folder: inside, headers: isolationHeaders },
  ]);
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test("files come with their type and the headers of their path", async () => {
  const plain = await fetch(`${server.origin}/a.js`);
  expect([await plain.text(), plain.headers.get("content-type")]).toEqual([
    "1",
    "text/javascript; charset=utf-8",
  ]);
  expect(plain.headers.has("cross-origin-opener-policy")).toBe(false);
  const isolated = await fetch(`${server.origin}/isolated/`);
  expect(await isolated.text()).toBe("<p>hello");
  expect(isolated.headers.get("cross-origin-opener-policy")).toBe("same-origin");
});

test.each(["b.js", "%2e%2e%2fsecret.js", "isolated/..%2f..%2fsecret.js"])(
  "there is no %s",
  async (path) => {
    const response = await fetch(`${server.origin}/${path}`);
    expect([response.status, await response.text()]).toEqual([404, ""]);
  },
);
