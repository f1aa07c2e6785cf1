/** The program shows how a model hashes a text: numbers by layer and checkpoint, colours, and a page that anybody can use. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import { chromium as playwright } from "playwright-core";
import { describe, expect, it } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { colouredText, lookText } from "../../src/cli/inspect/terminal.ts";
import { labelsOf } from "../../src/cli/inspect/labels.ts";
import { chromium, describeWith } from "../support/programs.ts";
import { call, expectMessage, folder, put } from "./harness.ts";

declare global {
  interface Window {
    readonly axe: { run(): Promise<AxeResults> };
  }
}

const run = (...args: readonly string[]) => call(args, reformerServices);

const text = `To be, or not to be: that is the "question" <b>\n& so on, ä € 𝄞.\n`.repeat(12);

const config = {
  model: {
    width: 8,
    heads: 2,
    headWidth: 4,
    feedForwardWidth: 8,
    layers: ["local", "lsh"],
    local: { chunk: 8 },
    lsh: { chunk: 8, rounds: 2 },
    positions: { kind: "axial", shape: [8, 8], widths: [4, 4] },
    feedForwardChunk: null,
    lossChunk: null,
  },
  training: {
    batch: 1,
    length: 64,
    schedule: { kind: "constant", rate: 1e-2, horizon: 4, warmup: 0 },
    checkpointEvery: 2,
    validateEvery: 0,
  },
};

async function trained(): Promise<{ readonly out: string; readonly data: string }> {
  const data = put("play.txt", text);
  const out = `${folder}/play`;
  await run(
    "train",
    "--config",
    put("play.json", JSON.stringify(config)),
    "--data",
    data,
    "--out",
    out,
  );
  return { out, data };
}

describe("reformax inspect", () => {
  it("tells layers and checkpoints in numbers", async () => {
    const { out, data } = await trained();
    const args = ["inspect", "--checkpoint", out, "--text", data];
    const told = await run(...args);
    expect(told.out).toMatch(/^step 4: 64 tokens, 2 heads, 2 rounds, \d+ buckets, chunks of 8\n/);
    expect(told.out).toMatch(/By checkpoint, with the same rotations:\n.*\n +0 +1 .* -\n +2 +1 /);
    const { step, layers, history } = JSON.parse((await run(...args, "--json")).out) as {
      readonly step: number;
      readonly layers: readonly Readonly<Record<string, number>>[];
      readonly history: readonly { readonly step: number }[];
    };
    expect([step, layers.length, history.map((one) => one.step)]).toEqual([4, 1, [0, 2, 4]]);
    expect(layers[0].recall).toBeGreaterThan(0);
    expect(layers[0].recall).toBeLessThanOrEqual(1);
    // With more rounds nothing is lost.
    const more = JSON.parse(
      (await run(...args, "--rounds", "8", "--json")).out,
    ) as typeof history & {
      readonly layers: typeof layers;
    };
    expect(more.layers[0].recall).toBeGreaterThan(layers[0].recall);
  });

  it("says what cannot be looked at", async () => {
    const { out, data } = await trained();
    const args = ["inspect", "--checkpoint", out, "--text", data];
    expectMessage(await run(...args, "--from", "100000"), /--from: is behind the end of the text/);
    expectMessage(
      await run(...args, "--head", "2"),
      /name none .*heads below 2; .*got layer 1, head 2/,
    );
    const short = await run(...args, "--tokens", "8");
    expect(short.out).toMatch(/^Nothing is hashed: .* one chunk holds all 8 tokens/);
  });
});

it("colours every token once, and keeps the lines of the text", () => {
  const labels = labelsOf(new TextEncoder().encode("aä\n€\n"), true);
  expect(labels).toEqual(["a", "ä", "", "\n", "€", "", "", "\n"]);
  const length = labels.length;
  const layer = {
    layer: 1,
    recall: 0.5,
    mass: 0.5,
    overflow: 0,
    largest: 2,
    empty: 0,
    sizes: [1],
    buckets: Int32Array.from({ length }, (_, i) => i),
    slots: Int32Array.from({ length }, (_, i) => i),
    ofTokens: Array.from({ length }, (_, i) => i / length),
  };
  const report = {
    length,
    heads: 1,
    rounds: 1,
    numBuckets: length,
    chunkLength: 4,
    top: 8,
    layers: [layer],
  };
  const look = { step: 1, labels, report, history: [] };
  const shown = colouredText(look, { layer: 1, head: 0, round: 0 }) ?? "";
  // eslint-disable-next-line no-control-regex
  const plain = shown.replaceAll(/\u001B\[[\d;]*m/g, "");
  expect(plain.split("\n").slice(1, 3)).toEqual(["aä", "€"]);
  expect(lookText({ ...look, report: { ...report, layers: [] } })).toMatch(/Nothing is hashed/);
  expect(labelsOf(Uint8Array.of(0xc3, 0x41), true)).toEqual(["\uFFFD", "A"]);
  expect(labelsOf([7, 300], false)).toEqual(["7 ", "300 "]);
});

describeWith(chromium, "the page of inspect", () => {
  it(
    "shows the text in the order and colours that are chosen, and axe finds no fault",
    { timeout: 120_000 },
    async () => {
      const { out, data } = await trained();
      const file = `${folder}/look.html`;
      await run("inspect", "--checkpoint", out, "--text", data, "--out", file);
      const browser = await playwright.launch({
        executablePath: chromium.path,
        args: ["--no-sandbox"],
      });
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(error.message));
        await page.goto(pathToFileURL(file).href);
        const shown = async (): Promise<string> =>
          page.evaluate(() => document.querySelector("#text")?.textContent ?? "");
        expect((await shown()).replaceAll("\u23CE", "")).toBe(
          new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, 64)),
        );
        const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
        await page.evaluate(axe);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          for (const colour of ["bucket", "chunk", "recall"]) {
            await page.selectOption("#colour", colour);
            const { violations } = await page.evaluate(() => window.axe.run());
            expect(violations.map(({ id, nodes }) => [id, nodes.at(0)?.html])).toEqual([]);
          }
        }
        await page.selectOption("#order", "slot");
        expect(await page.locator("#text .chunk").count()).toBe(8);
        expect(await page.locator("#text .chunk").first().locator("span").count()).toBe(8);
        expect(errors).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
});
