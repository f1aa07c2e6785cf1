/** Stacks, parameters and contexts that do not fit each other are told so, by layer and name, before anything is computed. */
import { beforeAll, expect, test } from "vitest";
import { init, type Value } from "../../src/index.ts";
import { sgd } from "../../src/optim/index.ts";
import {
  forwardPass,
  invert,
  reversible,
  rows,
  stored,
  valueAndUpdate,
} from "../../src/reformer/index.ts";
import { normalTensor } from "../support/arrays.ts";

const block = rows("same", 4, (_, x: Value) => x);
const streams = { first: normalTensor(1, [1, 6, 2]), second: normalTensor(2, [1, 6, 2]) };
const context = { shared: null, layers: [{ f: null, g: null }] };
const layer = [
  { name: "f", block },
  { name: "g", block },
];

beforeAll(async () => {
  await init("reference");
});

const makers = [
  ["reversible", reversible],
  ["stored", stored],
  ["invert", invert],
  ["valueAndUpdate", (layers) => valueAndUpdate(layers, sgd(0.1), { chunk: 4 })],
  ["forwardPass", (layers) => forwardPass(layers, [{ f: null, g: null }], streams, context)],
] satisfies [string, (layers: (typeof layer)[]) => unknown][];

test.each(makers)("%s wants lists of half-blocks", (name, make) => {
  const given =
    (layers: unknown): (() => unknown) =>
    () =>
      make(layers as never);
  expect(given([{ f: block, g: block }])).toThrow(
    new RegExp(
      `^${name}: a layer is a list of half-blocks: .*got \\{ f, g \\} as layer 0.*write.*\\{ name: "f", block: attention \\}`,
    ),
  );
  expect(given([layer, []])).toThrow(/list of half-blocks: .*as layer 1/);
  expect(given([[block, block]])).toThrow(/list of half-blocks/);
  expect(
    given([
      [
        { name: "f", block },
        { name: "f", block },
      ],
    ]),
  ).toThrow(/two half-blocks of a layer have one name: .*got "f" twice in layer 0/);
});

test.each([
  ["another name", [{ f: null, h: null }], /parameters of layer 0 .*under each of f, g, got f, h/],
  ["one too many", [{ f: null, g: null, h: null }], /parameters of layer 0 .*got f, g, h/],
  ["none", [null], /parameters of layer 0 .*got null/],
  [
    "one layer too many",
    [
      { f: null, g: null },
      { f: null, g: null },
    ],
    /expected 1 layers, got 2 p/,
  ],
])("parameters under %s", (_, params, message) => {
  for (const make of [reversible, stored, invert]) {
    expect(() => make([layer])(params as never, streams)).toThrow(message);
  }
  expect(() => forwardPass([layer], params as never, streams, context)).toThrow(message);
});

test("a context that lacks a half-block", () => {
  const given = { shared: null, layers: [{ f: null }] };
  for (const make of [reversible, stored, invert]) {
    expect(() => make([layer])([{ f: null, g: null }], streams, given)).toThrow(
      new RegExp(`^${make.name}: the context of layer 0 .*got f. .*have null there`),
    );
  }
});
