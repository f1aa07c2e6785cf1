import { tree as trees, type Value } from "reformax";
import { fromFixed, toFixed } from "reformax/lax";
import * as np from "reformax/numpy";
import { sgd } from "reformax/optim";
import * as random from "reformax/random";
import {
  conventions,
  initParams,
  initUpdateState,
  lsh,
  reformerConfig,
  rows,
  type ReformerConfig,
  type ReformerParams,
  shortened,
} from "reformax/reformer";
import { call, callNamed, returning, returningInternal, type Call, type Table } from "./check.ts";
import {
  allowing,
  anything,
  besides,
  callback,
  count,
  key,
  number,
  optional,
  options,
  parts,
  record,
  text,
  tree,
  value,
  wholes,
  type Argument,
} from "./kinds.ts";

const good = reformerConfig({
  vocabulary: 11,
  width: 8,
  heads: 2,
  headWidth: 4,
  feedForwardWidth: 8,
  layers: ["lsh", "local"],
  lsh: { chunk: 4, buckets: 4 },
  local: { chunk: 4 },
  positions: { kind: "learned", length: 8 },
});
/** A configuration that is good, and what is wrong with others. */
export const configOf = (name: string, given: ReformerConfig): Argument =>
  besides(parts(name, { ...given }, ...Object.keys(given)), {
    "unknown layer": { ...given, layers: ["global"] },
    "no layers": { ...given, layers: [] },
    "width NaN": { ...given, width: NaN },
    "heads 0": { ...given, heads: 0 },
    "dropout 1": { ...given, dropout: 1 },
    "unknown in lsh": { ...given, lsh: { ...given.lsh, chunks: 4 } },
    "odd buckets": { ...given, lsh: { ...given.lsh, buckets: 3 } },
    "without width": { ...given, width: undefined },
    "without layers": { ...given, layers: undefined },
    "only the width": { width: 8 },
    "unknown conventions": { ...given, conventions: "constructor" },
  });
const config = configOf("config", good);
export const aKey = key("key", random.key(0));
const tokens = np.array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
export const ids = (name: string): Argument =>
  besides(value(name, tokens), {
    "one sequence": np.array([1, 2], "i32"),
    floats: np.zeros([1, 8]),
    "three axes": np.zeros([1, 1, 8], "i32"),
    "too long": np.zeros([1, 9], "i32"),
    none: np.zeros([1, 0], "i32"),
  });
export const targets = besides(value("targets", tokens), {
  "another length": np.zeros([1, 7], "i32"),
  floats: np.zeros([1, 8]),
  "one axis": np.zeros([8], "i32"),
});
const model = initParams(good, random.key(0));
/** Parameters that fit a configuration, and some that do not. */
export const paramsOf = (given: ReformerParams<unknown>): Argument =>
  besides(tree("params", given), {
    "without layers": { ...given, layers: [] },
    "other sizes": initParams(reformerConfig({ ...good, width: 16 }), random.key(0)),
    "a leaf more": {
      ...given,
      layers: given.layers.map((layer) => ({ ...layer, h: np.zeros([1]) })),
    },
    integers: trees.map((x: Value) => np.astype(x, "i32"), given),
  });
const params = paramsOf(model);
export const pass = {
  mode: "evaluation",
  rounds: 1,
  valid: np.ones([1, 8], "i32"),
};
export const passBad = {
  "unknown mode": { mode: "eval" },
  "no rounds": { rounds: 0 },
  "half a round": { rounds: 0.5 },
  "mask of another shape": { valid: np.ones([1, 7], "i32") },
  "mask of floats": { valid: np.ones([1, 8]) },
  "unknown ablation": { ablation: "lsh" },
  "too few buckets": { buckets: [null] },
  "buckets of another kind": { buckets: 4 },
  "buckets of other sizes": { buckets: [np.zeros([1], "i32"), null] },
  "pairs of another shape": { pairs: np.ones([1, 8], "i32") },
  "keys of another width": { keys: np.ones([1, 8, 7]) },
};
const passOptions = besides(options(pass), passBad);
const lossOptions = besides(options({ ...pass, labelSmoothing: 0.1 }), {
  ...passBad,
  "no weight for labels": { labelSmoothing: 1 },
});

const head = {
  kind: "lsh",
  causal: true,
  chunkLength: 4,
  before: 1,
  after: 0,
  buckets: [4],
  centred: false,
  keepProbability: null,
  conventions: conventions.paper,
};
const headBad = {
  "unknown kind": { ...head, kind: "global" },
  "chunk 0": { ...head, chunkLength: 0 },
  "half a chunk": { ...head, chunkLength: 1.5 },
  "before -1": { ...head, before: -1 },
  "odd buckets": { ...head, buckets: [3] },
  "keep 0": { ...head, keepProbability: 0 },
  "keep 2": { ...head, keepProbability: 2 },
  "conventions by name": { ...head, conventions: "paper" },
  "empty conventions": { ...head, conventions: {} },
};
const x = random.normal(random.key(1), [2, 8, 4]);
const rotation = lsh.rotations(random.key(2), { groups: 1, width: 4, rounds: 1, sizes: [4] });
const buckets = lsh.hash(x, rotation, [4]);
const sorted = { ...lsh.sort(buckets, 4), buckets };
const info = besides(parts("info", sorted), {
  floats: { ...sorted, buckets: np.zeros([2, 1, 8]) },
  "another length": { ...sorted, buckets: np.zeros([2, 1, 7], "i32") },
});
const choices = {
  chunkLength: 4,
  before: 1,
  after: 0,
  causal: false,
  sameBucket: true,
  selfMask: -1e5,
  duplicates: true,
  circular: false,
  scale: 1,
  masked: false,
};
const choicesBad = {
  "chunk 0": { chunkLength: 0 },
  "chunk 3": { chunkLength: 3 },
  "scale NaN": { chunkLength: 4, scale: NaN },
  "keep 2": { chunkLength: 4, keepProbability: 2 },
  "no chunk": {},
};
const vectors = (name: string): Argument =>
  besides(value(name, x), {
    "one axis": np.zeros([4]),
    integers: np.zeros([2, 8, 4], "i32"),
    "another length": np.zeros([2, 7, 4]),
  });

const scaling = rows("scale", 64, (w: Value, v: Value) => np.multiply(w, v));
const half = [
  { name: "f", block: scaling },
  { name: "g", block: scaling },
];
const layers: Argument = {
  name: "layers",
  good: [half],
  bad: {
    undefined: undefined,
    null: null,
    text: "layers",
    number: 1,
    "a layer": half,
    records: [{ f: scaling, g: scaling }],
    "a text": ["f"],
    "an empty layer": [[]],
    "names that are one": [[half[0], half[0]]],
    "blocks that are functions": [[{ name: "f", block: () => 1 }]],
    "blocks of no kind": [[{ name: "f", block: { kind: "columns" } }]],
  },
};
const weights = [{ f: np.array(0.5), g: np.array(0.25) }];
const stackParams = besides(tree("params", weights), {
  "too few": [],
  "another name": [{ f: np.array(1), h: np.array(1) }],
});
const stream = toFixed(np.array([[[1, 2]]]));
const twoStreams = allowing(parts("streams", { first: stream, second: stream }), "unknown option");
const streams = besides(twoStreams, {
  "one axis": { first: np.array([1]), second: np.array([1]) },
  "two kinds": { first: stream, second: np.array([[[1, 2]]]) },
  integers: { first: np.zeros([1, 1, 2], "i32"), second: np.zeros([1, 1, 2], "i32") },
});
const context = parts("context", { shared: null, layers: [{ f: null, g: null }] }, "shared");
const stackCall = call(stackParams, streams, optional(context));
export const optimizer = besides(record("optimizer", sgd(0.1)), {
  "no functions": { init: 1, update: 2 },
});
const top = callback("top", ({ first, second }: { first: Value; second: Value }) => ({
  value: np.array(1),
  cotangent: { first: np.zeros(first.shape), second: np.zeros(second.shape) },
  aux: null,
}));
const stages = {
  chunk: 4,
  enter: (_: unknown, v: Value) => v,
  mix: (_: unknown, v: Value) => ({ out: v, saved: null }),
  leave: (_: unknown, v: Value) => v,
};
const statistics = { largest: np.array(0), sums: np.zeros([3]) };

/** A step of training inside the reverse sweep. */
export const updateCall = (given: ReformerParams<unknown>, theTargets: Argument): Call => {
  const state = initUpdateState(sgd(0.1), given);
  return call(
    besides(record("state", state), {
      "other params": { ...state, params: {} },
      "other states": { ...state, optimizer: {} },
      text: { params: given, optimizer: "sgd" },
      "too few layers": { params: given, optimizer: { layers: [], ends: state.optimizer.ends } },
    }),
    ids("inputs"),
    theTargets,
    aKey,
    besides(options({ rounds: 1, valid: np.ones([1, 8], "i32") }), {
      mode: { mode: "evaluation" },
      ablation: { ablation: "lsh-output" },
    }),
  );
};

const headArguments: readonly Argument[] = [
  besides(record("options", head), headBad),
  besides(record("context", { valid: null, rotations: rotation, dropoutKey: null }), {
    "without rotations": { valid: null, rotations: null, dropoutKey: null },
    "mask of another kind": { valid: "all", rotations: rotation, dropoutKey: null },
    "mask of another shape": {
      valid: np.ones([2], "i32"),
      rotations: rotation,
      dropoutKey: null,
    },
    "key of another kind": { valid: null, rotations: rotation, dropoutKey: 1 },
    "rotations of another size": {
      valid: null,
      rotations: np.zeros([1, 4, 1, 3]),
      dropoutKey: null,
    },
  }),
  besides(optional(anything("savedBuckets", null)), {
    text: "b",
    number: 1,
    floats: np.zeros([2, 1, 8]),
    "another length": np.zeros([2, 1, 7], "i32"),
  }),
];

export const table: Table = {
  attendHead: call(
    besides(record("vectors", { q: x, k: null, v: x }), {
      "q of another kind": { q: "q", k: null, v: x },
      "v of another length": { q: x, k: null, v: np.zeros([2, 7, 4]) },
      "v of integers": { q: x, k: null, v: np.zeros([2, 8, 4], "i32") },
      "one axis": { q: np.zeros([4]), k: null, v: np.zeros([4]) },
    }),
    ...headArguments,
  ),
  attentionWeights: callNamed(
    "attendHead",
    besides(record("vectors", { q: x, k: null }), {
      "q of another kind": { q: "q", k: null },
      "one axis": { q: np.zeros([4]), k: null },
    }),
    ...headArguments,
  ),
  attentionBlock: returningInternal(
    call(
      besides(
        parts("options", { ...head, heads: 2, outputDropout: 0, rowChunk: 8 }, "centred"),
        Object.fromEntries(
          Object.entries({
            ...headBad,
            "heads 0": { ...head, heads: 0 },
            "dropout 1": { ...head, outputDropout: 1 },
          }).map(([name, bad]) => [name, { heads: 2, outputDropout: 0, rowChunk: 8, ...bad }]),
        ),
      ),
    ),
  ),
  automaticBuckets: call(
    besides(count("length", 16), { list: [16] }),
    besides(count("chunkLength", 4), { zero: 0 }),
    optional(besides(number("perChunk", 2), { three: 3, NaN: NaN })),
  ),
  bucketCount: call(besides(wholes("sizes", [4, 8]), { number: 4, negative: [-4] })),
  buildLayers: call(config, besides(text("mode", "training"), { "another word": "train" })),
  checkLength: call(config, besides(count("length", 8), { "too long": 9, zero: 0 })),
  feedForwardBlock: returningInternal(
    call(
      besides(parts("options", { chunk: 8, activation: "relu", dropout: 0, normEpsilon: 1e-6 }), {
        "unknown activation": {
          chunk: 8,
          activation: "constructor",
          dropout: 0,
          normEpsilon: 1e-6,
        },
        "chunk 0": { chunk: 0, activation: "relu", dropout: 0, normEpsilon: 1e-6 },
        "dropout 1": { chunk: 8, activation: "relu", dropout: 1, normEpsilon: 1e-6 },
        "epsilon NaN": { chunk: 8, activation: "relu", dropout: 0, normEpsilon: NaN },
      }),
    ),
  ),
  forwardPass: call(layers, stackParams, streams, context),
  initParams: call(config, aKey),
  initReformer: returning(call(config), call(aKey)),
  initUpdateState: call(optimizer, tree("params", model)),
  inspectAttention: call(config, params, ids("tokens"), aKey, passOptions),
  inspectHashing: call(config, params, ids("tokens"), aKey, passOptions),
  invert: returning(call(layers), stackCall),
  logits: call(config, params, ids("tokens"), aKey, passOptions),
  loss: call(config, params, ids("inputs"), targets, aKey, lossOptions),
  lossAndUpdate: returning(
    call(config, optimizer, options({ labelSmoothing: 0.1 })),
    updateCall(model, targets),
  ),
  maskTokens: call(
    aKey,
    besides(value("tokens", tokens), { floats: np.zeros([1, 8]) }),
    besides(parts("options", { maskToken: 9, vocabulary: 9, rate: 0.15 }, "rate"), {
      "rate 2": { maskToken: 9, vocabulary: 9, rate: 2 },
      "half a token": { maskToken: 0.5, vocabulary: 9 },
      "no tokens": { maskToken: 9, vocabulary: 0 },
      "mask of another shape": { maskToken: 9, vocabulary: 9, valid: np.ones([1, 7], "i32") },
    }),
  ),
  parts: returningInternal(
    call(
      text("name", "attention"),
      besides(count("count", 2), { zero: 0, list: [2] }),
      besides(allowing(parts("stages", stages), "unknown option"), {
        "chunk 0": { ...stages, chunk: 0 },
      }),
    ),
  ),
  powersOfTwoBuckets: call(
    besides(count("length", 16), { list: [16] }),
    besides(count("chunkLength", 4), { zero: 0 }),
    besides(count("mostInOne", 32), { zero: 0 }),
  ),
  reformerConfig: call(
    optional(
      besides(options({ ...good }, "values"), {
        "width NaN": { width: NaN },
        function: { width: () => 1 },
      }),
    ),
  ),
  reversible: returning(call(layers), stackCall),
  rows: returningInternal(
    call(
      text("name", "scale"),
      besides(count("chunk", 2), { zero: 0, list: [2] }),
      callback("apply", (_: unknown, v: Value) => v),
    ),
  ),
  runStack: call(config, params, ids("tokens"), aKey, passOptions),
  stackContext: call(
    config,
    aKey,
    besides(
      parts(
        "options",
        { mode: "training", length: 8, rounds: 1, shuffleBuckets: false },
        "rounds",
        "shuffleBuckets",
      ),
      {
        "unknown mode": { mode: "train", length: 8 },
        "too long": { mode: "training", length: 9 },
        half: { mode: "training", length: 1.5 },
        "mask of another kind": { mode: "training", length: 8, valid: "all" },
      },
    ),
  ),
  residual: returning(call(layers, optional(options({ after: (v: Value) => v }))), stackCall),
  stored: returning(call(layers), stackCall),
  summarizeHashing: call(parts("statistics", statistics)),
  tokenLosses: call(config, params, ids("inputs"), targets, aKey, passOptions),
  unitKeys: call(
    besides(value("q", x), { integers: np.zeros([2], "i32"), scalar: np.array(1) }),
    besides(record("conventions", { keyEpsilon: 1e-6 }), {
      "another kind": { keyEpsilon: "1" },
      NaN: { keyEpsilon: NaN },
    }),
  ),
  untiedLayers: call(
    besides(record("config", { ...good }), { "without layers": { width: 8 } }),
    besides(anything("layers", model.layers), { "an object": {}, none: undefined }),
  ),
  updateThrough: returning(
    call(
      config,
      optimizer,
      callback("lossAbove", (_: unknown, { first }: { first: Value }) => np.mean(fromFixed(first))),
    ),
    updateCall(model, anything("targets", null)),
  ),
  valueAndUpdate: returning(
    call(layers, optimizer, besides(parts("options", { chunk: 8 }), { zero: { chunk: 0 } })),
    call(
      besides(record("states", { params: weights, optimizer: [sgd(0.1).init(weights[0])] }), {
        "too few": { params: weights, optimizer: [] },
        "no lists": { params: weights[0], optimizer: {} },
      }),
      streams,
      context,
      top,
    ),
  ),
};

/** `attention`, which reformax/reformer exports as one. */
export const attentionTable: Table = {
  chunked: call(
    vectors("q"),
    vectors("k"),
    vectors("v"),
    info,
    besides(parts("choices", choices, ...Object.keys(choices)), choicesBad),
  ),
  joint: call(
    besides(record("vectors", { q: x, k: null, v: x }), {
      "q of another kind": { q: "q", k: null, v: x },
      "v of another length": { q: x, k: null, v: np.zeros([2, 7, 4]) },
    }),
    info,
    besides(
      parts("choices", { ...choices, unitKeys: 1e-6 }, ...Object.keys(choices), "unitKeys"),
      choicesBad,
    ),
  ),
};

/** `lsh`, which it exports too. */
export const lshTable: Table = {
  bestBuckets: call(
    allowing(vectors("x"), "another length"),
    besides(value("rotation", rotation), { "one axis": np.zeros([4]) }),
    besides(count("count", 1), { zero: 0 }),
  ),
  combine: call(
    besides(value("outs", np.zeros([2, 1, 8, 4])), { "one axis": np.zeros([4]) }),
    besides(value("lse", np.zeros([2, 1, 8])), {
      "one axis": np.zeros([4]),
      integers: np.zeros([2, 1, 8], "i32"),
    }),
  ),
  hash: call(
    allowing(vectors("x"), "another length"),
    besides(value("rotation", rotation), { "one axis": np.zeros([4]) }),
    besides(wholes("sizes", [4]), { number: 4, odd: [3], none: [] }),
  ),
  rotations: call(
    aKey,
    besides(parts("options", { groups: 1, width: 4, rounds: 1, sizes: [4] }), {
      "groups 0.5": { groups: 0.5, width: 4, rounds: 1, sizes: [4] },
      odd: { groups: 1, width: 4, rounds: 1, sizes: [3] },
    }),
  ),
  sort: call(
    besides(value("buckets", buckets), { floats: np.zeros([2, 1, 8]), scalar: np.array(1, "i32") }),
    besides(count("numBuckets", 4), { zero: 0, list: [4] }),
  ),
};

const short = shortened.config({ ...good, shorten: { factor: 2 } });
const shortConfig = besides(record("config", { ...short }), {
  "a Reformer": good,
  "factor 0": { ...short, shorten: { factor: 0 } },
  "width NaN": { ...short, width: NaN },
  "without layers": { ...short, layers: undefined },
});
const shortModel = shortened.init(short, random.key(0));
const shortParams = besides(tree("params", shortModel), {
  "without layers": { ...shortModel, layers: [] },
  "a Reformer's": model,
});
const shortOptions = besides(
  options({ mode: "evaluation", rounds: 1, valid: np.ones([1, 8], "i32") }),
  {
    "unknown mode": { mode: "eval" },
    "mask of another shape": { valid: np.ones([1, 7], "i32") },
  },
);

/** `shortened`, which reformax/reformer exports as one. */
export const shortenedTable: Table = {
  config: call(
    optional(
      besides(options({ ...short }, "values"), {
        "factor 0": { shorten: { factor: 0 } },
        "a full mask": { mask: "full" },
        "tied embedding": { conventions: "lucidrains", tiedEmbedding: true },
      }),
    ),
  ),
  init: call(shortConfig, aKey),
  logits: call(shortConfig, shortParams, ids("tokens"), aKey, shortOptions),
  loss: call(shortConfig, shortParams, ids("inputs"), targets, aKey, shortOptions),
  parameterCount: call(shortConfig),
  tokenLosses: call(shortConfig, shortParams, ids("inputs"), targets, aKey, shortOptions),
};
