import { afterAll, beforeAll, expect, it } from "vitest";
import { withSoftwareAdapter } from "../support/browsers.ts";
import { chromium, describeWith } from "../support/programs.ts";
import { learn, number, openSite, text, type Site } from "./page.ts";

describeWith(chromium, "the first page, with a WebGPU adapter", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(withSoftwareAdapter);
  }, 300_000);
  afterAll(() => site.close());

  it("lets the processor compute, in the page itself, where the visitor wants that", async () => {
    const open = await site.open();
    const { page } = open;
    await page.getByLabel("In whose thread").selectOption("page");
    await page.getByLabel("Compute on").selectOption("webgpu");
    await page.locator("#threads:disabled").waitFor();
    await page.getByLabel("Compute on").selectOption("wasm");
    await learn(page, 20);
    expect(await number(open, "Computes on")).toBe("wasm");
    expect(await text(open, ".verdict")).toBe("Equal, bit for bit.");
    expect(open.complaints).toEqual([]);
    await open.close();
  }, 120_000);

  // That it trains there is tested with a smaller model, in test/engines/built-page.test.ts: this one keeps a driver for CPUs
  // compiling for a minute, and the browser with it.
  it("takes the adapter otherwise", async () => {
    const open = await site.open();
    const { page } = open;
    await learn(page, 0);
    expect(await number(open, "Computes on")).toBe("webgpu");
    expect(await page.getByLabel("Compute on").isDisabled()).toBe(true);
    expect(await page.getByRole("alert").isVisible()).toBe(false);
    await open.close();
  }, 120_000);
});
