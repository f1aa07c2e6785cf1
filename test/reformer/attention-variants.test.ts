import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init, jit, tree, vjp, vmap, type Tensor, type Value } from "../../src/index.ts";
import { sinusoids } from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  buildLayers,
  initParams,
  reformerConfig,
  reversible,
  runStack,
  stackContext,
  stored,
  type ReformerConfig,
  type StackFunction,
  type Streams,
} from "../../src/reformer/index.ts";
import type { Duplicates } from "../../src/ir/attention.ts";
import type { AttentionKind, MaskedQueries } from "../../src/reformer/attention/head-options.ts";
import { attendHead } from "../../src/reformer/attention/attention-head.ts";
import { parameterCount } from "../../src/reformer/models/memory.ts";
import { normalize } from "../../src/reformer/blocks/norm.ts";
import { headOptions } from "../../src/reformer/models/layers.ts";
import { toStream, valuesOf } from "../../src/reformer/stack/stream.ts";
import { expectCloseToLargest, i32, normalTensor } from "../support/arrays.ts";
import { integers } from "../support/random-data.ts";
import { differences } from "./stack-gradients.ts";
import { tinyModel } from "./tiny-model.ts";

interface Case {
  readonly seed: number;
  readonly config: ReformerConfig;
  readonly length: number;
  readonly mask: boolean;
  readonly pairs: boolean;
  /** Rows of another text. */
  readonly other: number;
}

const batch = 2;

const optional = <T>(...values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.constantFrom(undefined, ...values);

/** Without what is undefined, as a configuration reads it. */
const given = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<T>;

const attention = fc
  .record({
    localHeads: optional(1),
    memory: optional(1, 5),
    oneValueHead: optional(true),
    outputBias: optional(true),
    rotaryBase: optional(100),
    rotaryLayers: optional<readonly AttentionKind[]>(["full"], ["local", "full", "lsh"]),
    maskedQueries: optional<MaskedQueries>("others", "self", "mean", "window"),
  })
  .map(given);

const lsh = fc
  .record({
    bestBuckets: optional(true),
    rotations: optional("head", "shared", "example"),
    hashMasked: optional(true),
    hashDropout: optional(0.3),
    wholeUpTo: optional(0, 8),
    sameBucket: optional(true, false),
    duplicates: optional<Duplicates>(true, "sameRound"),
    circular: optional(true, false),
    after: fc.constantFrom(0, 1),
  })
  .map(given);

const cases: fc.Arbitrary<Case> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    attention,
    lsh,
    queryKey: optional("shared", "separate"),
    mask: fc.boolean(),
    pairs: fc.boolean(),
    other: fc.constantFrom(0, 0, 3),
    length: fc.constantFrom(7, 12),
    causal: fc.boolean(),
    preset: fc.constantFrom("paper", "lucidrains"),
    kinds: fc.constantFrom(["lsh"], ["lsh", "local"], ["full", "lsh"], ["local", "lsh"]),
    attentionDropout: fc.constantFrom(0, 0.3),
  })
  .map(({ attention, lsh, queryKey, causal, preset, kinds, attentionDropout, ...drawn }) => ({
    ...drawn,
    config: reformerConfig({
      ...tinyModel,
      conventions: preset,
      attention,
      attentionDropout,
      layers: kinds,
      lsh: { ...tinyModel.lsh, ...(lsh as object) },
      local: { ...tinyModel.local, ...given({ queryKey }) } as ReformerConfig["local"],
      mask: causal ? "causal" : "full",
    }),
  }));

interface Inputs {
  readonly params: ReturnType<typeof initParams>["layers"];
  readonly x: readonly [Value, Value];
  readonly keys: Value | null;
}

function inputsOf({ seed, config, length, other }: Case): Inputs {
  const { width } = config;
  return {
    params: tree.map(
      // Biases begin at 0, where a mistake would not show.
      (leaf: Value) => np.add(leaf, np.multiply(normalTensor(seed + 9, leaf.shape), 0.1)),
      initParams(config, key(seed)).layers,
    ),
    x: [
      normalTensor(seed + 1, [batch, length, width]),
      normalTensor(seed + 2, [batch, length, width]),
    ],
    keys: other > 0 ? normalTensor(seed + 3, [batch, other, width]) : null,
  };
}

function contextOf(drawn: Case, keys: Value | null, mode: "training" | "evaluation") {
  const { seed, config, length, mask, pairs, other } = drawn;
  const flags = (from: number, count: number): number[] =>
    Array.from(integers(from, count, 3), (x) => Math.min(x, 1));
  return stackContext(config, key(seed + 4), {
    mode,
    length,
    batch,
    valid: mask ? i32([batch, length], flags(seed + 5, batch * length)) : null,
    pairs: pairs ? i32([batch, length, length], flags(seed + 6, batch * length * length)) : null,
    keys,
    keysValid: mask && keys ? i32([batch, other], flags(seed + 7, batch * other)) : null,
  });
}

const exact = "q32.20";

/** Values at the top, and the gradient in all that has one. */
function gradientsOf(run: StackFunction, drawn: Case) {
  const inputs = inputsOf(drawn);
  const cotangents = inputs.x.map((x, i) => normalTensor(900 + i, x.shape));
  const values = ({ params, x, keys }: Inputs): readonly [Value, Value] => {
    const start: Streams = { first: toStream(x[0], exact), second: toStream(x[1], exact) };
    const { streams } = run(params, start, contextOf(drawn, keys, "training"));
    return [valuesOf(streams.first), valuesOf(streams.second)];
  };
  const compute = jit((at: Inputs) => {
    const [top, pullBack] = vjp(values, at);
    return { top, gradient: pullBack([cotangents[0], cotangents[1]])[0] };
  });
  return compute(inputs);
}

describe("models with variants of attention", () => {
  beforeAll(() => init("wasm"));

  it("are undone bit for bit: their gradient is that of the stored network", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const layers = buildLayers(drawn.config, "training");
        const ours = gradientsOf(reversible(layers), drawn);
        expect(differences(ours, gradientsOf(stored(layers), drawn))).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it("add what heads by hand add up to", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { config, length } = drawn;
        const { params, x, keys } = inputsOf(drawn);
        const [[half]] = buildLayers(config, "evaluation");
        const context = contextOf(drawn, keys, "evaluation");
        const zero = np.zerosLike(x[0]);
        const { streams } = stored([[half]])(
          [{ f: params[0].f }],
          { first: zero, second: x[1] },
          { ...context, layers: [{ f: context.layers[0].f }] },
        );
        const changed = [streams.first, streams.second].filter(
          (stream) => differences([stream], [x[1]]).length > 0,
        );
        const expected = byHand(drawn, params[0].f, x[1], context, keys, length);
        expect(changed).toHaveLength(1);
        const [sum] = changed as [Tensor];
        expectCloseToLargest(sum.dataSync(), expected.dataSync(), 1e-5, "sum");
      }),
      { numRuns: 12 },
    );
  });

  it("have as many parameters as is said", () => {
    fc.assert(
      fc.property(cases, ({ config, seed }) => {
        const leaves = tree.leaves<Value>(initParams(config, key(seed)));
        const count = leaves.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
        expect(parameterCount(config)).toBe(count);
      }),
      { numRuns: 20 },
    );
  });

  it("take the buckets of an earlier pass, and are mapped over keys", () => {
    fc.assert(
      fc.property(cases, ({ config, length, seed }) => {
        const params = initParams(config, key(seed));
        const tokens = i32([batch, length], Array.from(integers(seed, batch * length, 11)));
        const pass = (k: Value, options = {}) => runStack(config, params, tokens, k, options);
        const first = pass(key(1));
        const again = pass(key(1), { buckets: first.buckets });
        expect(differences(again.streams, first.streams)).toEqual([]);
        const keys = np.stack([key(1), key(2)]);
        const mapped = vmap((k: Value) => pass(k).streams.first)(keys);
        expect(differences(np.index(mapped, 0), first.streams.first)).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });
});

/** The first layer's attention, one head after the other, from the functions that heads are made of. */
function byHand(
  { config }: Case,
  { shared, parts }: ReturnType<typeof initParams>["layers"][number]["f"],
  x: Value,
  context: ReturnType<typeof stackContext>,
  keys: Value | null,
  length: number,
): Tensor {
  const [kind] = config.layers;
  const options = headOptions(config, kind, "evaluation");
  const { rotations } = context.layers[0].f;
  const { rotaryBase, rotaryLayers = ["lsh"], localHeads = 0 } = config.attention ?? {};
  const normed = normalize("layer", shared.norm, x, options.conventions.normEpsilon);
  const memory = shared.memory
    ? [np.broadcastTo(shared.memory, [batch, ...shared.memory.shape])]
    : [];
  const rows = np.concatenate([normed, ...memory, ...(keys ? [keys] : [])], 1);
  const extra = rows.shape[1] - length;
  const { valid, keysValid = null, pairs = null } = context.shared;
  const ones = (count: number): Value => np.ones([batch, count], "i32");
  const masks = [
    valid ?? ones(length),
    ones(memory.length > 0 ? memory[0].shape[1] : 0),
    ...(keys ? [keysValid ?? ones(keys.shape[1])] : []),
  ];
  const { chunk, before, after } = config.local;
  const straight = { ...options.conventions, circular: false };
  const window = { chunkLength: chunk, before, after, conventions: straight };
  const nearby = { ...window, queryKey: "shared", kind: "local" } as const;
  const heads = Array.from({ length: config.heads }, (_, h) => {
    const isLocal = h < localHeads && kind !== "local";
    const own = (kernel: Value): Value => np.matmul(rows, np.index(kernel, h));
    const v = parts.value ? own(parts.value) : np.matmul(rows, shared.value ?? rows);
    const { out } = attendHead(
      { q: own(parts.query), k: parts.key ? own(parts.key) : null, v },
      isLocal ? { ...options, ...nearby } : options,
      {
        valid: valid || keysValid ? np.concatenate(masks, 1) : null,
        pairs,
        ...(extra > 0 && { queries: length }),
        rotary:
          rotaryBase === undefined || isLocal || !rotaryLayers.includes(kind)
            ? null
            : sinusoids(np.arange(length), config.headWidth, {
                base: rotaryBase,
                layout: "halves",
              }),
        rotations: rotations && np.index(rotations, h),
        dropoutKey: null,
      },
      null,
    );
    return np.matmul(out, np.index(parts.output, h));
  });
  const sum = heads.reduce((a, b) => np.add(a, b));
  return (shared.bias ? np.add(sum, shared.bias) : sum) as Tensor;
}
