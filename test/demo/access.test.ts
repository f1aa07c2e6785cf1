import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromium, describeWith } from "../support/programs.ts";
import { learn, openSite, type OpenPage, type Site } from "./page.ts";

const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

declare global {
  interface Window {
    readonly axe: { run(): Promise<AxeResults> };
  }
}

/** What axe finds wrong, as lines. */
async function findings(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger, because the page's policy allows no script from elsewhere.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`),
  );
}

/** A page that has learned a little and shows all it has, paused, so that it holds still. */
async function paused(site: Site): Promise<OpenPage> {
  const open = await site.open();
  const { page } = open;
  await learn(page, 2);
  await page.locator(".passages blockquote").first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator(".verdict").waitFor({ state: "attached" });
  return open;
}

describeWith(chromium, "the first page, for everybody", () => {
  let site: Site;
  let open: OpenPage;
  beforeAll(async () => {
    site = await openSite();
    open = await paused(site);
  }, 300_000);
  afterAll(async () => {
    await open.close();
    await site.close();
  });

  it.each([
    ["light", { colorScheme: "light" }, 1200],
    ["dark", { colorScheme: "dark" }, 1200],
    ["on a phone", { colorScheme: "light" }, 390],
    ["dark on a phone, without motion", { colorScheme: "dark", reducedMotion: "reduce" }, 390],
  ] as const)("has no fault that axe finds: %s", async (_, media, width) => {
    const { page } = open;
    await page.emulateMedia({ reducedMotion: null, ...media });
    await page.setViewportSize({ width, height: 844 });
    expect(await findings(page)).toEqual([]);
    await page.locator(".sorted .token").nth(100).hover();
    expect(await findings(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(overflow).toBe(width);
  });

  it("has no fault before it has begun, and a planted one is found", async () => {
    const fresh = await site.open();
    expect(await findings(fresh.page)).toEqual([]);
    await fresh.page.evaluate(() => document.body.append(document.createElement("button")));
    expect(await findings(fresh.page)).toEqual([expect.stringMatching(/^button-name: /)]);
    await fresh.close();
  });

  it("is used without a pointer", async () => {
    const { page } = open;
    await page.setViewportSize({ width: 1200, height: 900 });
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const at = document.activeElement;
        return at?.getAttribute("aria-label") ?? at?.getAttribute("name") ?? at?.id ?? "";
      });
    const stops: string[] = [];
    await page.locator("#text").focus();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press("Tab");
      stops.push(await focused());
    }
    const order = [
      "layer",
      "head",
      "round",
      "Tokens in reading order",
      "Tokens sorted into chunks",
    ];
    // Behind the last stop the page begins anew.
    expect(stops.filter((stop) => order.includes(stop)).slice(0, order.length)).toEqual(order);

    await page.locator('input[name="layer"]').first().focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.locator('input[name="layer"]').nth(1).isChecked()).toBe(true);

    await page.getByRole("listbox", { name: "Tokens in reading order" }).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.locator(".detail", { hasText: "Token 1, “n”: bucket" }).waitFor();
    const selected = page.locator(".reading [aria-selected=true]");
    expect(await selected.getAttribute("aria-label")).toMatch(/^n, bucket \d+, chunk \d+$/);
    const bucket = await selected.getAttribute("title");
    await page.keyboard.press("ArrowDown");
    await page.locator(".detail", { hasText: "Token 1," }).waitFor({ state: "hidden" });
    expect(await selected.getAttribute("title")).toBe(bucket);
  });
});
