import type { Tensor } from "../../../src/core/tensor.ts";
import { tensorFrom } from "../../../src/core/tensor.ts";
import { insertToken as insertTokenPrimitive } from "../../../src/primitives/decoding/insert-token.ts";
import { memoryLists } from "../memory-lists.ts";
import { roughCase, type Generator } from "./case.ts";
import type { Draw } from "./draw.ts";

interface Setting {
  readonly groups: number;
  readonly rounds: number;
  readonly buckets: number;
  readonly capacity: number;
  /** Tokens before, of which the lists hold those that there is room for. */
  readonly tokens: number;
  readonly memory?: number;
  readonly ring?: boolean;
  readonly widths: readonly [number, number];
  readonly options: object;
}

const settings: readonly Setting[] = [
  { groups: 1, rounds: 1, buckets: 1, capacity: 1, tokens: 0, widths: [1, 1], options: {} },
  { groups: 0, rounds: 1, buckets: 2, capacity: 3, tokens: 0, widths: [2, 3], options: {} },
  {
    groups: 2,
    rounds: 2,
    buckets: 3,
    capacity: 9,
    tokens: 8,
    widths: [3, 5],
    options: { chunkLength: 2, before: 1, sameBucket: true, selfMask: -1e5, duplicates: true },
  },
  {
    groups: 1,
    rounds: 3,
    buckets: 4,
    capacity: 70,
    tokens: 67,
    widths: [2, 3],
    options: { chunkLength: 4, before: 1, after: 1, circular: true, selfMask: -1e5 },
  },
  {
    groups: 2,
    rounds: 2,
    buckets: 6,
    capacity: 9,
    tokens: 17,
    widths: [3, 2],
    memory: 2,
    ring: true,
    options: { chunkLength: 2, before: 1, sameBucket: true, duplicates: true, seesMemory: true },
  },
];

/** Lists of the first tokens of a setting, and the bucket of the one behind. */
function drawLists(
  draw: Draw,
  { groups, rounds, buckets, capacity, tokens, memory = 0, ring = false }: Setting,
): readonly Tensor[] {
  const chosen = draw.integers("i32", [groups, rounds, tokens + 1], 0, buckets - 1).words();
  // Those of memory have odd numbers.
  const listAt = (i: number): number => (memory > 0 ? chosen[i] & ~1 : chosen[i]);
  const bucketAt = (token: number): Tensor =>
    draw.fill("i32", [groups, rounds], (unit) => listAt(unit * (tokens + 1) + token));
  const units = groups * rounds;
  const ofMemory = draw.integers("i32", [units, memory], 0, buckets - 1).words();
  const listed = memoryLists(
    { units, room: capacity - memory, memory, lists: buckets },
    (unit, m) => ofMemory[unit * memory + m] | 1,
  );
  let links = draw.fill("i32", [groups, rounds, capacity, 4], (i) => listed.links[i]);
  let ends = draw.fill("i32", [groups, rounds, 3, buckets], (i) => listed.ends[i]);
  const { reference } = insertTokenPrimitive;
  if (reference === "byProgram") throw new TypeError("insertToken has no reference");
  for (let token = 0; token < tokens; token++) {
    const operands = [links, ends, bucketAt(token), draw.fill("i32", [groups], () => token)];
    const outs = [links, ends].map(({ aval }) => ({
      aval,
      words: new Int32Array(aval.shape.reduce((a, b) => a * b, 1)),
    }));
    reference(
      operands.map((x) => ({ aval: x.aval, words: x.words() })),
      outs,
      { memory, ring },
    );
    [links, ends] = outs.map(({ aval, words }) => tensorFrom("i32", aval.shape, words));
  }
  return [links, ends, bucketAt(tokens)];
}

const roomOf = ({ memory = 0, ring = false }: Setting) => ({ memory, ring });

const insertToken: Generator = {
  cases: settings.map((setting) =>
    roughCase(
      (draw) => [
        ...drawLists(draw, setting),
        draw.fill("i32", [setting.groups], () => setting.tokens),
      ],
      roomOf(setting),
    ),
  ),
};

const plain = {
  chunkLength: 1,
  before: 0,
  after: 0,
  sameBucket: false,
  selfMask: null,
  duplicates: false,
  circular: false,
  scale: 0.5,
  whole: 0,
  seesMemory: false,
};

function drawVectors(draw: Draw, setting: Setting, unitKeys: number | null): readonly Tensor[] {
  const { groups, capacity, tokens, widths } = setting;
  const [d, e] = widths;
  return [
    draw.floats([groups, d]),
    ...(unitKeys === null ? [draw.floats([groups, d])] : []),
    draw.floats([groups, e]),
    draw.floats([groups, capacity, d]),
    draw.floats([groups, capacity, e]),
    draw.fill("i32", [groups], () => tokens),
  ];
}

const attendToken: Generator = {
  cases: settings.flatMap((setting) =>
    [null, 1e-6].flatMap((unitKeys) => [
      roughCase(
        (draw) => {
          const [links, ends, bucket] = drawLists(draw, setting);
          return [...drawVectors(draw, setting, unitKeys), bucket, links, ends];
        },
        { ...plain, ...roomOf(setting), ...setting.options, unitKeys },
      ),
      roughCase((draw) => drawVectors(draw, setting, unitKeys), {
        ...plain,
        ...roomOf(setting),
        chunkLength: 3,
        before: 1,
        circular: true,
        whole: setting.tokens % 2,
        unitKeys,
      }),
    ]),
  ),
  tolerance: 1e-5,
  rulesDiffer: true,
};

export const decodingGenerators = {
  attendToken,
  insertToken,
} satisfies Record<string, Generator>;
