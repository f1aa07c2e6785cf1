/*
 * The golden run in pages of real browsers, served as static files without a bundler: the same bits on one thread and on
 * two, in a window and in a worker; what a page is told whose headers forbid threads or WebAssembly; tokenizers and models of other systems.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import { loadHuggingFace } from "../../src/interop/node/folder.ts";
import { parameterHash } from "../../src/training/index.ts";
import golden from "../golden/training-run.json" with { type: "json" };
import { openChromium, openFirefox } from "../support/browsers.ts";
import { chromium, describeWith, firefox, type SystemProgram } from "../support/programs.ts";
import { splitAll } from "./golden-text.ts";
import type { Question } from "./page/answer.ts";
import { tokenizedTexts } from "./golden-tokenizers.ts";
import { exportedFolder, openSite, workerFile, type Policy, type Site } from "./site.ts";

/** A browser as these tests use it. */
interface Visitor {
  /** What the page at an address writes into its `output`. */
  read(address: string): Promise<string>;
  close(): Promise<void>;
}

const longest = 60_000;

const visitors: readonly (readonly [SystemProgram, () => Promise<Visitor>])[] = [
  [
    chromium,
    async () => {
      const browser = await openChromium();
      const page = await browser.newPage();
      return {
        read: async (address) => {
          await page.goto(address);
          return (await page.textContent("output", { timeout: longest })) ?? "";
        },
        close: () => browser.close(),
      };
    },
  ],
  [
    firefox,
    async () => {
      const browser = await openFirefox();
      const page = await browser.newPage();
      return {
        read: async (address) => {
          await page.goto(address);
          const output = await page.waitForSelector("output", { timeout: longest });
          return (await output?.evaluate((element) => element.textContent)) ?? "";
        },
        close: () => browser.close(),
      };
    },
  ],
];

const train = (threads: number, others: Partial<Question> = {}): Question => ({
  task: "train",
  options: { threads, ...splitAll },
  ...others,
});

const trained = (threads: number, report: object): object => ({
  parameters: golden.parameters,
  threads,
  report,
});

const because = (reason: string): object => ({
  count: 1,
  reason: expect.stringContaining(reason) as unknown,
});

const notIsolated = because("a page needs cross-origin isolation");
const noBlob = because("the page's Content-Security-Policy must allow worker-src blob:");
const noWasm = {
  error: "BackendError",
  message: expect.stringContaining("script-src 'self' 'wasm-unsafe-eval'") as unknown,
};

const lost = {
  before: { count: 2 },
  problem: expect.stringMatching(/^ThreadsLost: a thread of this run does not answer/) as unknown,
  // The window of a page may not sleep; it must not look for ever either.
  soon: true,
  after: because("a thread of this run does not answer"),
  value: [0],
};

// What the model of the folder is here.
await init("reference");
const loaded = { parameters: parameterHash(loadHuggingFace(exportedFolder).params), size: 2 };

const cases: readonly (readonly [string, Policy, Question, object])[] = [
  ["one thread", "plain", train(1), trained(1, { count: 1 })],
  ["two threads", "isolated", train(2), trained(2, { count: 2 })],
  ["two threads without isolation", "plain", train(2), trained(1, notIsolated)],
  ["two threads without blob:", "strict", train(2), trained(1, noBlob)],
  ["two threads from a file", "strict", train(2, { workerFile }), trained(2, { count: 2 })],
  ["a file that is missing", "strict", probe("missing.js"), because("missing.js does not load")],
  ["no WebAssembly", "withoutWasm", train(1), noWasm],
  ["tokenizers", "strict", { task: "tokenize", options: {} }, tokenizedTexts],
  ["a folder of HuggingFace's", "strict", { task: "load", options: { threads: 1 } }, loaded],
  ["a thread that was ended", "isolated", { ...train(2), task: "lose" }, lost],
];

function probe(file: string): Question {
  return { task: "probe", options: { threads: 2 }, workerFile: file };
}

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, 300_000);

afterAll(() => site.close());

for (const [program, open] of visitors) {
  describeWith(program, `pages in ${program.name}`, () => {
    let visitor: Visitor;

    beforeAll(async () => {
      visitor = await open();
    });

    afterAll(() => visitor.close());

    for (const where of ["window", "worker"] as const) {
      test.each(cases)(`%s, in a ${where}`, async (_, policy, question, expected) => {
        const written = await visitor.read(site.address(policy, where, question));
        expect(JSON.parse(written)).toEqual(expected);
      });
    }
  });
}
