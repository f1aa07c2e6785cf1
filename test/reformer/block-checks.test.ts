/** Mistakes in half-blocks of one's own are told by the block's name, with what was expected. */
import { beforeAll, expect, test } from "vitest";
import { init, type Value } from "../../src/index.ts";
import { toFixed } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { parts, reversible, rows, stored, type HalfBlock } from "../../src/reformer/index.ts";
import { normalTensor } from "../support/arrays.ts";

const nothing = rows("nothing", 4, (_, x) => np.zerosLike(x));
const part = {
  chunk: 4,
  enter: (_: unknown, x: Value): Value => x,
  mix: (_: unknown, out: Value) => ({ out, saved: null }),
  leave: (_: unknown, x: Value): Value => x,
};
const layerOf = (f: HalfBlock) => [
  { name: "f", block: f },
  { name: "g", block: nothing },
];
const params = [{ f: { shared: null, parts: null }, g: null }];

const run = (f: HalfBlock, dtype: "f32" | "fixed" = "f32"): unknown => {
  const x = normalTensor(1, [1, 6, 2]);
  const stream = dtype === "f32" ? x : toFixed(x);
  return reversible([layerOf(f)])(params, { first: stream, second: stream });
};

beforeAll(async () => {
  await init("reference");
});

test.each<[string, HalfBlock, RegExp]>([
  [
    "rows of another width",
    rows("halving", 4, (_, x) => np.index(x, "...", np.slice(0, 1))),
    /halving\.apply: .*expected f32\[3,2\]: rows .*got f32\[3,1\]/,
  ],
  [
    "integers",
    rows("counting", 4, (_, x) => np.astype(x, "i32")),
    /counting\.apply: .*expected f32\[3,2\].*got i32\[3,2\]/,
  ],
  [
    "nothing",
    rows("forgetting", 4, () => undefined as unknown as Value),
    /forgetting\.apply: .*got nothing/,
  ],
  [
    "an array in place of { out, saved }",
    parts("mixing", 2, { ...part, mix: (_: unknown, x: Value) => x as never }),
    /mixing\.mix: .*expected \{ out: f32\[1,6,width\], saved \}/,
  ],
  [
    "a mix of rows",
    parts("mixing", 2, {
      ...part,
      mix: (_: unknown, x: Value) => ({ out: np.reshape(x, [6, 2]), saved: null }),
    }),
    /mixing\.mix: .*got out f32\[6,2\]/,
  ],
  [
    "a part that leaves too much",
    parts("leaving", 2, { ...part, leave: (_: unknown, x: Value) => np.tile(x, [1, 2]) }),
    /leaving\.leave: .*expected f32\[3,2\].*got f32\[3,4\]/,
  ],
])("a half-block that gives %s", (_name, block, message) => {
  expect(() => run(block)).toThrow(message);
  expect(() => run(block, "fixed")).toThrow(message);
});

test.each([
  ["one array", normalTensor(1, [1, 6, 2])],
  ["streams of rows", { first: normalTensor(1, [6, 2]), second: normalTensor(1, [6, 2]) }],
  ["two lengths", { first: normalTensor(1, [1, 6, 2]), second: normalTensor(1, [1, 7, 2]) }],
])("%s is no pair of streams", (_name, streams) => {
  for (const stack of [reversible, stored]) {
    expect(() => stack([layerOf(nothing)])(params, streams as never)).toThrow(
      /no residual streams: expected \{ first, second \}/,
    );
  }
});
