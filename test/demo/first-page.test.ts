import { afterAll, beforeAll, expect, it } from "vitest";
import { chromium, describeWith } from "../support/programs.ts";
import { mainThreadTasks } from "./main-thread.ts";
import { learn, number, openSite, text, type Site } from "./page.ts";

/** No task of the main thread may keep a frame waiting for longer, milliseconds. */
const longestTask = 100;

describeWith(chromium, "the first page", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 300_000);
  afterAll(() => site.close());

  it("comes to the parameters that Node comes to, free to answer all the while", async () => {
    const open = await site.open();
    const { page, requests, complaints } = open;
    const hash = await text(open, "#hash-node");
    expect(hash).toMatch(/^[0-9a-f]{64}$/);

    const tasks = await mainThreadTasks(page, async () => {
      await learn(page, 60);
      await page.locator(".passages blockquote").first().waitFor();
      await page.locator(".reading .token").first().waitFor();
    });
    expect(tasks.length).toBeGreaterThan(100);
    const longest = Math.max(...tasks);
    console.log(`first page: longest task of the main thread ${longest.toFixed(1)} ms`);
    expect(longest).toBeLessThan(longestTask);

    expect(await text(open, "#hash-here")).toBe(hash);
    expect(await text(open, ".verdict")).toBe("Equal, bit for bit.");
    expect(Number(await number(open, "Bits per byte"))).toBeLessThan(5);
    expect(await number(open, "Computes on")).toBe("wasm");
    expect(await text(open, ".numbers > .note")).toContain("there is no WebGPU adapter");
    expect(await number(open, "Planned memory")).toMatch(/^\d+\.\d MB$/);
    expect(await number(open, "Tokens per second")).toMatch(/^[\d,]+$/);
    expect(await page.locator(".plot").getAttribute("aria-label")).toMatch(
      /^Loss curve: from 8\.\d\d bits per byte at the first step to \d\.\d\d at step \d+\.$/,
    );

    expect(complaints).toEqual([]);
    expect(requests.filter((address) => !address.startsWith(`${site.origin}/`))).toEqual([]);
    await open.close();
  }, 180_000);

  it("computes on all threads that the visitor chooses, to the same bits", async () => {
    const open = await site.open();
    const threads = open.page.getByLabel("Threads");
    const most = (await threads.locator("option").count()).toString();
    await threads.selectOption(most);
    await learn(open.page, 20);
    expect(await number(open, "Threads")).toBe(most);
    expect(await text(open, ".verdict")).toBe("Equal, bit for bit.");
    expect(open.complaints).toEqual([]);
    await open.close();
  }, 180_000);

  it("computes on one thread where its host sends no headers, says why, and has the same bits", async () => {
    const open = await site.open({ isolated: false });
    expect(await open.page.getByLabel("Threads").isDisabled()).toBe(true);
    await learn(open.page, 20);
    expect(await number(open, "Threads")).toBe("1");
    expect(await text(open, ".numbers > .note")).toContain("cross-origin isolation");
    expect(await text(open, ".verdict")).toBe("Equal, bit for bit.");
    expect(open.complaints).toEqual([]);
    await open.close();
  }, 180_000);

  it("pauses, goes on, stops, and begins anew with a text of the visitor's own", async () => {
    const open = await site.open();
    const { page } = open;
    const press = (name: string): Promise<void> =>
      page.getByRole("button", { name, exact: true }).click();
    await learn(page, 2);
    await press("Pause");
    const status = page.locator(".controls [role=status]");
    await status.getByText("Paused.").waitFor();
    await press("Resume");
    await status.getByText("Learning.").waitFor();
    await press("Stop");
    await status.getByText("Finished.").waitFor();

    await page.getByLabel("Text to learn").fill("Too short.");
    await press("Start again");
    await page.getByRole("alert").getByText("has too few tokens").waitFor();

    await page.getByLabel("Text to learn").fill("All work and no play. ".repeat(200));
    await press("Start again");
    await page.locator(".verdict", { hasText: "Another text, another hash." }).waitFor();
    expect(await page.getByRole("alert").isVisible()).toBe(false);
    await open.close();
  }, 180_000);
});
