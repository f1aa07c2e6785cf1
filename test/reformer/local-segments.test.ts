import { expect, test } from "vitest";
import { conventions } from "../../src/reformer/attention/conventions.ts";
import type { HeadOptions } from "../../src/reformer/attention/head-options.ts";
import { localSegments } from "../../src/reformer/attention/local-segments.ts";

const head: HeadOptions = {
  kind: "local",
  causal: true,
  chunkLength: 4,
  before: 1,
  after: 0,
  buckets: "auto",
  keepProbability: null,
  conventions: conventions.paper,
};
const around = conventions.huggingface;

test.each<[string, Partial<HeadOptions>, number, number, unknown]>([
  ["chunks before, causally", {}, 24, 8, { rows: 8, reach: 4 }],
  ["chunks before, with the mask full", { causal: false }, 24, 8, { rows: 8, reach: 4 }],
  [
    "a chunk alone, in a ring",
    { causal: false, before: 0, conventions: around },
    24,
    8,
    { rows: 8, reach: 0 },
  ],
  ["a ring that leads into the future", { conventions: around }, 24, 8, { rows: 8, reach: 4 }],
  ["a ring that is seen", { causal: false, conventions: around }, 24, 8, null],
  ["chunks ahead", { causal: false, after: 1 }, 24, 8, null],
  ["a single segment", {}, 24, 24, null],
  ["a length of no whole chunks", {}, 23, 8, null],
  ["segments shorter than the window", { before: 3 }, 24, 8, null],
])("segments of %s", (_, options, length, most, expected) => {
  expect(localSegments({ ...head, ...options }, length, most)).toEqual(expected);
});
