import { expect, test } from "vitest";
import { chromium, failsWithout, missingText } from "./programs.ts";

test("a missing program is named with what brings it", () => {
  expect(missingText(chromium, true)).toBeUndefined();
  expect(missingText({ ...chromium, path: "/x" }, false)).toBe(
    "Chromium is missing at /x: apt-get install chromium",
  );
});

test.each([
  [{}, false],
  [{ CI: "" }, false],
  [{ CI: "true" }, true],
  [{ REFORMAX_REQUIRE_ENGINES: "1" }, true],
])("with %j that fails: %j", (environment, fails) => {
  expect(failsWithout(environment)).toBe(fails);
});
