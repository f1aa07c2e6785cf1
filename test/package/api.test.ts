/* The public API, names and signatures, is what test/api says: no change of it slips in unseen. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { apiOf, snapshotFile, snapshotFolder } from "../../tools/api-snapshot.mjs";
import { modules } from "../../tools/entries.mjs";
import { packedInstall } from "../support/packed-install.ts";

const advice =
  "the public API has changed: if that is meant, run `node tools/api-snapshot.mjs`, read the difference, " +
  "and follow CONTRIBUTING.md on changing a public name";

// The build that is packed is the one that is read.
beforeAll(() => {
  packedInstall();
}, 300_000);

test("the snapshot has a page for every public module, and no other", () => {
  expect(readdirSync(snapshotFolder).sort(), advice).toEqual(
    Object.keys(modules).map(snapshotFile).sort(),
  );
});

describe("unchanged", () => {
  test.each(Object.keys(modules))("%s", (name) => {
    const committed = readFileSync(join(snapshotFolder, snapshotFile(name)), "utf8");
    expect(apiOf(name), advice).toBe(committed);
  });
});
