import * as np from "reformax/numpy";
import { sgd } from "reformax/optim";
import * as random from "reformax/random";
import {
  classifier,
  decoding,
  encoderDecoder,
  initParams,
  reformerConfig,
  spans,
  type ReformerParams,
} from "reformax/reformer";
import { call, returning, type Table } from "./check.ts";
import {
  allowing,
  anything,
  besides,
  count,
  optional,
  options,
  parts,
  record,
  tree,
  value,
  type Argument,
} from "./kinds.ts";
import {
  aKey,
  configOf,
  ids,
  optimizer,
  paramsOf,
  pass,
  passBad,
  targets,
  updateCall,
} from "./reformer.ts";

const small = {
  vocabulary: 11,
  width: 8,
  heads: 2,
  headWidth: 4,
  feedForwardWidth: 8,
  positions: { kind: "learned", length: 8 },
} as const;
const windows = { lsh: { chunk: 4, buckets: 4, after: 1 }, local: { chunk: 4, after: 1 } };
const full = reformerConfig({ ...small, ...windows, layers: ["lsh", "local"], mask: "full" });
/** The same where later tokens are hidden. */
const writing = reformerConfig({
  ...full,
  mask: "causal",
  lsh: { ...full.lsh, after: 0 },
  local: { ...full.local, after: 0 },
});
const key = random.key(0);
const config = configOf("config", full);
const passOptions = besides(options(pass), passBad);
const smoothing = options({ labelSmoothing: 0.1 });
const lossOptions = besides(options({ ...pass, labelSmoothing: 0.1 }), passBad);

const withHead = <Head extends object>(given: ReformerParams<Head>): Argument =>
  besides(paramsOf(given), {
    "without a head": { ...given, head: undefined },
    "an empty head": { ...given, head: {} },
    "a head of a text": { ...given, head: { ...given.head, outer: "outer" } },
    "a head of another width": {
      ...given,
      head: { ...given.head, outer: { kernel: np.zeros([3, 2]), bias: null } },
    },
  });

const hidden = initParams(full, key);
const maskedParams = paramsOf(hidden);

/** Masked language models. */
export const maskedTable: Table = {
  find: call(config, maskedParams, ids("inputs"), targets, aKey, passOptions),
  logits: call(
    besides(config, { causal: writing }),
    maskedParams,
    ids("inputs"),
    aKey,
    passOptions,
  ),
  loss: call(config, maskedParams, ids("inputs"), targets, aKey, lossOptions),
  lossAndUpdate: returning(call(config, optimizer, smoothing), updateCall(hidden, targets)),
};

const classes = classifier.init(full, { classes: 3 }, key);
const labels = besides(value("labels", np.array([2], "i32")), {
  floats: np.zeros([1]),
  "for two": np.array([1, 2], "i32"),
});
const pooled = { ...passBad, "unknown pooling": { pool: "last" } };

/** Classifiers. */
export const classifierTable: Table = {
  init: call(
    config,
    besides(parts("options", { classes: 3, hidden: 8 }, "hidden"), {
      "no classes": { classes: 0 },
      "half a class": { classes: 1.5 },
      "hidden 0": { classes: 3, hidden: 0 },
    }),
    aKey,
  ),
  logits: call(
    config,
    withHead(classes),
    ids("tokens"),
    aKey,
    besides(options({ ...pass, pool: "mean" }), pooled),
  ),
  loss: call(
    config,
    withHead(classes),
    ids("tokens"),
    labels,
    aKey,
    besides(options({ ...pass, pool: "mean", labelSmoothing: 0.1 }), pooled),
  ),
  lossAndUpdate: returning(
    call(config, optimizer, options({ labelSmoothing: 0.1, pool: "mean" })),
    updateCall(classes, labels),
  ),
};

const answering = spans.init(full, key);
const answers = besides(
  parts("answers", { start: np.array([2], "i32"), end: np.array([3], "i32") }),
  { floats: { start: np.array([2], "i32"), end: np.zeros([1]) } },
);

/** Models that find an answer in a text. */
export const spansTable: Table = {
  init: call(config, aKey),
  logits: call(config, withHead(answering), ids("tokens"), aKey, passOptions),
  loss: call(config, withHead(answering), ids("tokens"), answers, aKey, passOptions),
  lossAndUpdate: returning(call(config, optimizer), updateCall(answering, answers)),
};

const writer = initParams(writing, key);
const prompt = np.array([[3, 1, 4]], "i32");
const prompts = besides(value("tokens", prompt), {
  "one sequence": np.array([1, 2], "i32"),
  floats: np.zeros([1, 3]),
  none: np.zeros([1, 0], "i32"),
  "too long": np.zeros([1, 9], "i32"),
});
const room = besides(parts("options", { capacity: 8, rounds: 1 }, "rounds"), {
  "no room": { capacity: 0 },
  "half a token": { capacity: 2.5 },
  "more than there are positions": { capacity: 9 },
  "no rounds": { capacity: 8, rounds: 0 },
  "streaming in words": { capacity: 8, streaming: "yes" },
});
const beginning = call(configOf("config", writing), paramsOf(writer), prompts, aKey, room);
const reading = (cache: object) =>
  call(
    configOf("config", writing),
    paramsOf(writer),
    besides(tree("cache", cache), {
      "without layers": { ...cache, layers: [] },
      "layers of texts": { ...cache, layers: ["a", "b"] },
      "a position of floats": { ...cache, position: np.zeros([1]) },
      "without rotations": { ...cache, rotations: null },
      "forgotten floats": { ...cache, forgotten: np.zeros([1]) },
    }),
    besides(value("token", np.array([1], "i32")), {
      floats: np.zeros([1]),
      "for two": np.array([1, 2], "i32"),
    }),
  );
const begun = { capacity: 8 };
const written = [writing, writer, prompt, key, begun] as const;

const someCache = decoding.begin(...written).cache;

/** Decoding with a cache. */
export const decodingTable: Table = {
  begin: beginning,
  beginReference: beginning,
  join: call(
    besides(anything("caches", [someCache, someCache]), {
      undefined: undefined,
      cache: someCache,
      none: [],
      texts: ["cache"],
      "an empty one": [someCache, {}],
    }),
  ),
  reorder: call(
    besides(tree("cache", someCache), { "layers of texts": { ...someCache, layers: ["a", "b"] } }),
    besides(value("rows", np.array([0, 0], "i32")), {
      floats: np.zeros([2]),
      "two axes": np.zeros([1, 2], "i32"),
    }),
  ),
  next: reading(someCache),
  nextReference: reading(decoding.beginReference(...written).cache),
};

/** As HuggingFace decodes. */
export const huggingFaceDecodingTable: Table = {
  begin: beginning,
  next: reading(decoding.huggingFace.begin(...written).cache),
};

const pairValues = { ...small, encoder: { layers: ["full"] } } as const;
const pair = encoderDecoder.config(pairValues);
const pairConfig = besides(configOf("config", pair), {
  "without an encoder": { ...pair, encoder: undefined },
  "an encoder without layers": { ...pair, encoder: { layers: [] } },
});
const pairModel = encoderDecoder.init(pair, key);
const pairParams = besides(paramsOf(pairModel), {
  "without an encoder": { ...pairModel, encoder: undefined },
});
const source = np.array([[3, 1, 4, 1, 5]], "i32");
const texts = {
  source,
  inputs: np.array([[0, 2, 7]], "i32"),
  targets: np.array([[2, 7, 1]], "i32"),
};
const wrongTexts = (given: object): object =>
  Object.fromEntries(
    Object.keys(given).flatMap((name) => [
      [`${name} of floats`, { ...given, [name]: np.zeros([1, 3]) }],
      [`${name} of one axis`, { ...given, [name]: np.zeros([3], "i32") }],
      [`${name} of a text`, { ...given, [name]: "text" }],
      [`without ${name}`, { ...given, [name]: undefined }],
    ]),
  );
const textsOf = (name: string, given: object): Argument =>
  besides(record(name, given), { ...wrongTexts(given) });
const textOptions = {
  mode: "evaluation",
  rounds: 1,
  sourceValid: np.ones([1, 5], "i32"),
  valid: np.ones([1, 3], "i32"),
};
const textBad = {
  "unknown mode": { mode: "eval" },
  "no rounds": { rounds: 0 },
  "a mask of another length": { sourceValid: np.ones([1, 4], "i32") },
};
const targetBad = {
  "unknown mode": { mode: "eval" },
  "a mask of another length": { valid: np.ones([1, 4], "i32") },
};
const encoded = encoderDecoder.encode(pair, pairModel, source, key);
const anEncoded = besides(record("encoded", encoded), {
  "a source of another width": { ...encoded, source: np.zeros([1, 5, 7]) },
  "a mask of another length": { ...encoded, sourceValid: np.ones([1, 4], "i32") },
});
const { source: _, ...afterSource } = texts;
const { feedForwardChunk: _f, lossChunk: _l, ...sizes } = pair;
// Chunks of rows are what such sizes are asked for: they need not be there.
const model = allowing(
  configOf("model", { ...pair, ...sizes }),
  "feedForwardChunk of another kind",
  "lossChunk of another kind",
);
const { sourceValid: _s, ...targetOptions } = textOptions;

const pairState = encoderDecoder.initUpdateState(sgd(0.1), pairModel);

/** Encoder-decoders. */
export const encoderDecoderTable: Table = {
  config: call(
    optional(
      besides(options({ ...pair }, "values"), {
        "width NaN": { width: NaN },
        function: { width: () => 1 },
      }),
    ),
  ),
  decode: call(
    pairConfig,
    pairParams,
    anEncoded,
    besides(value("tokens", texts.inputs), {
      floats: np.zeros([1, 3]),
      "for two": np.zeros([2, 3], "i32"),
    }),
    aKey,
    besides(options(targetOptions), targetBad),
  ),
  encode: call(
    pairConfig,
    pairParams,
    besides(value("tokens", source), {
      floats: np.zeros([1, 5]),
      "too long": np.zeros([1, 9], "i32"),
    }),
    aKey,
    besides(options({ ...textOptions, valid: null }), textBad),
  ),
  init: call(pairConfig, aKey),
  logits: call(
    pairConfig,
    pairParams,
    textsOf("texts", { source, inputs: texts.inputs }),
    aKey,
    besides(options(textOptions), textBad),
  ),
  loss: call(
    pairConfig,
    pairParams,
    textsOf("pair", texts),
    aKey,
    besides(options({ ...textOptions, labelSmoothing: 0.1 }), textBad),
  ),
  initUpdateState: call(optimizer, tree("params", pairModel)),
  lossAndUpdate: returning(
    call(pairConfig, optimizer, smoothing),
    call(
      besides(record("state", pairState), {
        "without states": { params: pairModel, optimizer: {} },
        "too few states": { ...pairState, optimizer: { ...pairState.optimizer, layers: [] } },
        "other parameters": { ...pairState, params: { ...pairModel, layers: [] } },
      }),
      textsOf("pair", texts),
      aKey,
      besides(options({ ...textOptions, mode: undefined }), {
        "no rounds": { rounds: 0 },
        "a mask of another length": { sourceValid: np.ones([1, 4], "i32") },
      }),
    ),
  ),
  losses: call(
    pairConfig,
    pairParams,
    anEncoded,
    textsOf("texts", afterSource),
    aKey,
    besides(options(targetOptions), targetBad),
  ),
  nextTokens: call(
    pairConfig,
    pairParams,
    anEncoded,
    besides(textsOf("begun", { inputs: texts.inputs, last: np.array(1, "i32") }), {
      "last of floats": { inputs: texts.inputs, last: np.array(1) },
    }),
    aKey,
    besides(options(targetOptions), targetBad),
  ),
  parameterCount: call(model),
  trainingBytes: call(
    model,
    besides(parts("sizes", { batch: 1, length: 8, sourceLength: 8, optimizerCopies: 2 }), {
      "batch 0": { batch: 0, length: 8, sourceLength: 8, optimizerCopies: 2 },
      "NaN copies": { batch: 1, length: 8, sourceLength: 8, optimizerCopies: NaN },
    }),
    besides(count("chunk", 64), { zero: 0, list: [64] }),
  ),
};
