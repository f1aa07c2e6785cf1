/** The first page as `npm run demo` builds it, served on loopback and opened in the system's Chromium. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { headers } from "../../demo/tools/headers.mjs";
import { openChromium } from "../support/browsers.ts";
import { serveStatic } from "../support/static-server.ts";

export interface Site {
  /** Addresses of the page: with all headers, with its policy but not isolated, and as a host without any headers gives it. */
  readonly origin: string;
  open(options?: OpenOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface OpenOptions extends BrowserContextOptions {
  /** Whether the host sends the headers that threads need; true by default. */
  readonly isolated?: boolean;
}

export interface OpenPage {
  readonly page: Page;
  /** Addresses of everything that was asked for, by the page or its workers. */
  readonly requests: readonly string[];
  /** Errors and warnings of the console, violations of the policy among them. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const run = (...args: string[]): void =>
  void execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });

/** @param browserArgs - how the browser is to be started */
export async function openSite(...browserArgs: readonly string[]): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "reformax-demo-"));
  run("tools/build.mjs");
  run("node_modules/vite/bin/vite.js", "build", "demo", "--outDir", folder, "--logLevel", "error");
  const server = await serveStatic([
    { at: "/", folder, headers },
    { at: "/plain/", folder },
  ]);
  const browser = await openChromium(...browserArgs);
  return {
    origin: server.origin,
    open: ({ isolated = true, ...options } = {}) =>
      openPage(browser, `${server.origin}/${isolated ? "" : "plain/"}`, options),
    close: async () => {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions,
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(address);
  return { page, requests, complaints, close: () => context.close() };
}

/** Presses Start, or Start again, and waits until so many steps are done. */
export async function learn(page: Page, steps: number): Promise<void> {
  await page.getByRole("button", { name: /^Start/ }).click();
  await page.waitForFunction(
    (least) => Number.parseInt(document.querySelector(".numbers dd")?.textContent ?? "") >= least,
    steps,
  );
}

export const text = ({ page }: OpenPage, selector: string): Promise<string> =>
  page.locator(selector).innerText();

/** What the panel of numbers says of something. */
export const number = ({ page }: OpenPage, name: string): Promise<string> =>
  page.locator(".numbers dl > div", { hasText: name }).locator("dd").innerText();
