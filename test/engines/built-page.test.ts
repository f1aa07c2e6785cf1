/*
 * A page that a user builds with vite from the installed package, in Chromium: it trains on WebGPU, in its window and in a
 * worker, as Node does on WASM; and a browser without an adapter goes on with WASM and says why.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { build, createLogger } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import { serveTraining } from "../../src/training/worker/index.ts";
import { isolationHeaders, serveStatic, type StaticServer } from "../support/static-server.ts";
import { openChromium, withSoftwareAdapter } from "../support/browsers.ts";
import { consumerFolder } from "../support/packed-install.ts";
import { chromium, describeWith } from "../support/programs.ts";
import type { Told } from "./built-page/small-run.ts";
import { windowRun } from "./built-page/window-run.ts";
import { workerRun } from "./built-page/worker-run.ts";
import { goldenText } from "./golden-text.ts";

const sources = "test/engines/built-page";
const places = ["window", "worker"] as const;

/** What the bundler says against the page: nothing, one hopes. */
const complaints: string[] = [];
let folder: string;
let site: StaticServer;

/** The same run in Node, on WASM; a session keeps some of the text for validation, so it learns from the rest. */
const inNode = {
  window: () => windowRun(goldenText, "wasm"),
  worker: async (): Promise<Told> => {
    const { port1: worker, port2: port } = new MessageChannel();
    serveTraining({ startBackend: ({ backend }) => init(backend), port });
    try {
      return await workerRun(worker, goldenText, "wasm");
    } finally {
      worker.close();
    }
  },
};

async function buildPage(root: string, outDir: string): Promise<void> {
  const warn = (message: string): number => complaints.push(message);
  await build({
    root,
    base: "./",
    configFile: false,
    customLogger: { ...createLogger("error"), warn, warnOnce: warn },
    build: { outDir, target: "es2022", chunkSizeWarningLimit: 2000 },
    worker: { format: "es" },
  });
}

beforeAll(async () => {
  const read = (name: string): string => readFileSync(join(sources, name), "utf8");
  folder = consumerFolder(
    Object.fromEntries(readdirSync(sources).map((name) => [name, read(name)])),
  );
  const built = join(folder, "built");
  await buildPage(folder, built);
  writeFileSync(join(built, "text.txt"), goldenText);
  site = await serveStatic([{ at: "/", folder: built, headers: isolationHeaders }]);
}, 300_000);

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

test("the bundler has nothing to say, and takes nothing of Node's", () => {
  expect(complaints).toEqual([]);
  const files = readdirSync(join(folder, "built"), { recursive: true, encoding: "utf8" });
  expect(files.filter((name) => name.endsWith(".js")).length).toBeGreaterThan(2);
  expect(files.filter((name) => name.endsWith(".node"))).toEqual([]);
});

describeWith(chromium, "in Chromium", () => {
  let browser: Browser;

  async function read(query: Readonly<Record<string, string>>): Promise<unknown> {
    const page = await browser.newPage();
    try {
      await page.goto(`${site.origin}/?${new URLSearchParams(query).toString()}`);
      return JSON.parse((await page.textContent("output", { timeout: 120_000 })) ?? "");
    } finally {
      await page.close();
    }
  }

  describe("with its software adapter", () => {
    beforeAll(async () => {
      browser = await openChromium(withSoftwareAdapter);
    });
    afterAll(() => browser.close());

    test("there is an adapter", async () => {
      expect(await read({})).toMatch(/swiftshader/i);
    });

    test.each(places)("trains as Node does, in a %s", { timeout: 150_000 }, async (where) => {
      const told = (await read({ where, backend: "auto" })) as Told;
      expect(told).toEqual({ backend: "webgpu", losses: (await inNode[where]()).losses.map(near) });
    });
  });

  describe("without an adapter", () => {
    beforeAll(async () => {
      browser = await openChromium();
    });
    afterAll(() => browser.close());

    test.each(places)("goes on with WASM and says why, in a %s", async (where) => {
      expect(await read({ where, backend: "auto" })).toEqual({
        backend: "wasm",
        fallback: expect.stringContaining("there is no WebGPU adapter") as unknown,
        losses: (await inNode[where]()).losses,
      });
    });

    test.each(places)("says so to who wants no other, in a %s", async (where) => {
      expect(await read({ where, backend: "webgpu" })).toEqual({
        error: expect.stringMatching(/^BackendError: .*there is no WebGPU adapter/) as unknown,
        isKnown: true,
      });
    });
  });
});

const near = (loss: number): unknown => expect.closeTo(loss, 4);
