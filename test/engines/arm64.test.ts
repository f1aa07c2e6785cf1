import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { arm64Engine } from "../../tools/engines/arm64.mjs";
import { runOn } from "../../tools/engines/index.mjs";
import golden from "../golden/training-run.json" with { type: "json" };
import { bundleScript } from "../support/bundle.ts";
import { arm64Emulator, describeWith } from "../support/programs.ts";
import { goldenText, splitAll } from "./golden-text.ts";

describeWith(arm64Emulator, "an ARM64 processor", () => {
  const folder = mkdtempSync(join(tmpdir(), "reformax-arm64-"));

  afterAll(() => rmSync(folder, { recursive: true }));

  // Emulated, this takes half a minute.
  test("gives the bits of x86, on two threads", { timeout: 300_000 }, async () => {
    const script = join(folder, "print-hash.mjs");
    await bundleScript("test/engines/print-hash.ts", script);
    const choices = JSON.stringify([{ threads: 2, ...splitAll }]);
    expect(runOn(arm64Engine(), script, [goldenText, choices])).toBe(`${golden.parameters} 2\n`);
  });
});
