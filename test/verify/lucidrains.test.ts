/** Our side of lucidrains' cases. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/init.ts";
import { formatVerdict, verifyCase } from "../../src/verify/index.ts";
import { readCaseOrThrow } from "../../src/verify/node/index.ts";
import { goldenRunners } from "../../src/verify/runners.ts";
import { sharedFiles } from "../support/shared-files.ts";

beforeAll(async () => {
  await init();
});

const own = join(import.meta.dirname, "../golden/lucidrains");
const shared = sharedFiles("fixtures");

const names = [own, ...(shared === undefined ? [] : [join(shared, "lucidrains")])].flatMap(
  (folder) =>
    readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, "io.json")))
      .map((name) => [name, join(folder, name)] as const),
);

describe("lucidrains' cases", () => {
  test.each(names)("%s", async (name, path) => {
    const golden = readCaseOrThrow(path, name);
    expect(formatVerdict(await verifyCase(golden, goldenRunners))).toMatch(/^PASS/);
  });
});
