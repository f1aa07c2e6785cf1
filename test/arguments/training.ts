import * as np from "reformax/numpy";
import * as random from "reformax/random";
import { encoderDecoder, initParams } from "reformax/reformer";
import {
  checkpointOf,
  checkpointToBytes,
  midiOf,
  preparePairsOrThrow,
  prepareLabelsOrThrow,
  prepareQuestionsOrThrow,
  presets,
  reformerModel,
  runKeys,
  taskConfig,
  tensorsOf,
  nextTokenTask,
  trainConfig,
  translateModel,
  wordCodec,
  type Task,
} from "reformax/training";
import { call, callNamed, returning, returningInternal, type Table } from "./check.ts";
import {
  allowing,
  anything,
  besides,
  bytes,
  callback,
  count,
  number,
  optional,
  options,
  parts,
  record,
  text,
  tree,
  value,
  type Argument,
} from "./kinds.ts";

const small = {
  width: 8,
  heads: 2,
  headWidth: 4,
  feedForwardWidth: 8,
  layers: ["full"],
  positions: { kind: "learned", length: 8 },
} as const;
const training = {
  batch: 1,
  length: 8,
  schedule: { kind: "constant", rate: 0.1, warmup: 0, horizon: 2 },
} as const;
const config = trainConfig({ model: small, training });
const model = reformerModel(config);
const keys = runKeys(0);
const state = model.init(keys.initial);
const data = new TextEncoder().encode("to be or not to be, that is the question");
const task = nextTokenTask({ model, config, data: { train: data } });
const checkpoint = checkpointOf({ config, state, step: 1 });
const file = checkpointToBytes(checkpoint);

const configOf = (given: object, name = "config"): Argument =>
  besides(record(name, given), {
    "without training": { ...given, training: undefined },
    "without a model": { ...given, model: undefined },
    "unknown section": { ...given, traning: {} },
    "width NaN": { ...given, model: { ...small, width: NaN } },
    "batch 0": { ...given, training: { ...config.training, batch: 0 } },
    "batch left out": { ...given, training: { ...config.training, batch: undefined } },
  });
const aConfig = configOf(config);
const tokens = (name: string, given: unknown = data): Argument =>
  besides(anything(name, given), {
    undefined: undefined,
    null: null,
    text: "to be",
    number: 1,
    list: [1, 2],
    floats: new Float32Array(2),
    object: {},
  });
const aKey = besides(record("key", random.key(0)), { floats: np.zeros([2]), number: 0 });
const ofSplit = { train: [0, 20], validation: [20, 30] };
const badSplit = {
  texts: { train: "0:20", validation: "20:30" },
  fractions: { train: [0, 0.5], validation: [20, 30] },
  "one number": { train: [0], validation: [20, 30] },
};
const splitText = besides(text("text", "0:20,20:30"), { nonsense: "a:b" });
const rangeText = besides(text("text", "0:20"), { nonsense: "a:b" });
const sources = {
  presets,
  preset: "bytes-small",
  defaultPreset: "bytes-small",
  file: {},
  flags: {},
};
const sourcesArgument = besides(options(sources, "sources"), {
  "no presets": { defaultPreset: "bytes-small" },
  "unknown preset": { ...sources, preset: "bytes-smal" },
  "wrong flags": { ...sources, flags: { training: { batch: "many" } } },
});
const json = besides(anything("value", { ...config }), {
  undefined: undefined,
  null: null,
  text: "{}",
  number: 1,
  list: [],
  empty: {},
  function: () => 1,
  "unknown key": { ...config, modell: {} },
});
const deviceLimits = { maxBufferBytes: 2 ** 30, maxBindingBytes: 2 ** 30 };
const chunks = optional(options({ device: deviceLimits }, "chunks"));
// What belongs to others may stand in it.
const aCheckpoint = besides(
  allowing(parts("checkpoint", { ...checkpoint }, "writer", "progress"), "unknown option"),
  {
    "half a step": { ...checkpoint, step: 0.5 },
    "tensors in an object": { ...checkpoint, tensors: Object.fromEntries(checkpoint.tensors) },
    "a text among the tensors": { ...checkpoint, tensors: new Map([["state.params.w", "w"]]) },
  },
);
const withTensors = besides(record("checkpoint", checkpoint), {
  "tensors in an object": { tensors: {} },
  "a text among them": { tensors: new Map([["w", "w"]]) },
});
const storing = options({ parametersOnly: true, dtype: "bf16", significantBits: 5 });
const identity = optional(
  besides(record("task", { name: "next-token" }), {
    "no name": {},
    "a number for a name": { name: 1 },
  }),
);
const aModel = besides(record("model", model), {
  "without step": { ...model, step: undefined },
  "layers of a text": { ...model, layers: "full" },
});
const aTask = besides(record("task", task), {
  "without batch": { ...task, batch: undefined },
  "without a name": { ...task, name: undefined },
  "step of a text": { ...task, step: "step" },
  "keys of a number": { ...task, keys: 1 },
});
/** What is not run need not have what running takes. */
const resumed = allowing(aTask, "without batch", "step of a text");
const leafless = { text: "w", "text in it": { w: "w" }, list: ["w"], function: () => 1 };
const leaves = (name: string): Argument =>
  besides(anything(name, { w: np.array(1) }), {
    ...leafless,
    undefined: undefined,
    null: null,
    number: 1,
  });
const map = (name: string): Argument =>
  besides(anything(name, tensorsOf({ w: np.array(1) })), {
    undefined: undefined,
    null: null,
    object: { w: np.array(1) },
    list: [],
    text: "w",
    "texts in it": new Map([["w", "w"]]),
  });
const sampling = { temperature: 1, topK: 3, topP: 0.9, minP: 0.1, repetitionPenalty: 1.1 };
const samplingBad = {
  "temperature -1": { ...sampling, temperature: -1 },
  "temperature NaN": { ...sampling, temperature: NaN },
  "top-k 0.5": { ...sampling, topK: 0.5 },
  "top-p 2": { ...sampling, topP: 2 },
};
const reading = { context: 8, key: random.key(0), decode: "recompute", rounds: 1 };
const readingBad = {
  "no context": { ...reading, ...sampling, beams: 2, uniform: () => 0, context: 0 },
  "another method": { ...reading, ...sampling, beams: 2, uniform: () => 0, decode: "fast" },
  "an empty stop": { ...reading, ...sampling, beams: 2, uniform: () => 0, stops: [[]] },
  "stops of texts": { ...reading, ...sampling, beams: 2, uniform: () => 0, stops: ["end"] },
};
const numbersOf = (name: string, given: unknown): Argument =>
  besides(anything(name, given), {
    undefined: undefined,
    null: null,
    text: "to be",
    number: 1,
    object: {},
    "texts in a list": ["a"],
  });
const generation = besides(record("options", { ...reading, ...sampling, uniform: () => 0 }), {
  ...samplingBad,
  ...readingBad,
  "without uniform": { ...reading, ...sampling },
});
const predictor = besides(record("model", model), { "without predict": { ...model, predict: 1 } });
const anyState = besides(anything("state", state), {});
const textsOf = (name: string, given: readonly string[]): Argument =>
  besides(anything(name, given), {
    undefined: undefined,
    null: null,
    text: "a",
    number: 1,
    "numbers in it": [1],
    object: {},
  });
const metric = besides(record("metric", { name: "loss", unit: "nats", digits: 3, role: "loss" }), {
  "digits -1": { name: "loss", digits: -1 },
  "unknown role": { name: "loss", role: "cost" },
});
const lines = (words: string): Uint8Array => new TextEncoder().encode(words);

const classifyWritten = taskConfig("classify", {
  model: { ...small, vocabulary: 256 },
  training: { ...training },
});
const labelled = lines("a\tone\nb\ttwo\na\tthree\nb\tfour\n");
const classify = prepareLabelsOrThrow(classifyWritten, labelled);
const masked = taskConfig("masked", {
  model: { ...small, vocabulary: 257 },
  training: { ...training },
});
const spansWritten = taskConfig("spans", {
  model: { ...small, vocabulary: 257 },
  training: { ...training },
});
const asked = lines(
  '{"question": "Who?", "context": "It was I.", "answers": {"text": ["I"], "answer_start": [7]}}\n'.repeat(
    4,
  ),
);
const spans = prepareQuestionsOrThrow(spansWritten, asked);
const translateWritten = taskConfig("translate", {
  model: {
    ...small,
    vocabulary: 258,
    encoder: { layers: ["full"], positions: small.positions },
  },
  training: { ...training },
});
const pairLines = lines("a\tb\nb\ta\na\ta\nb\tb\n");
const translate = preparePairsOrThrow(translateWritten, pairLines);
const music = midiOf([380, 60, 305, 188]);
const codec = wordCodec(["be"]);
const translator = translateModel(translate.config.model);
const translateParams = encoderDecoder.init(translate.config.model, random.key(0));
const shape = { height: 2, width: 2, channels: 1 } as const;
const images = taskConfig("images", {
  task: { ...shape, levels: 4 },
  model: { ...small, vocabulary: 5, positions: { kind: "learned", length: 4 } },
  training: { ...training, length: 4 },
});
const someImages = { ...shape, values: new Uint8Array(8) };
const imagesBad = {
  "half an image": { ...someImages, values: new Uint8Array(3) },
  "values of a list": { ...someImages, values: [1, 2, 3, 4] },
  "two channels": { ...someImages, channels: 2 },
};
const imageShape = besides(record("shape", shape), {
  "two channels": { ...shape, channels: 2 },
  "height 0": { ...shape, height: 0 },
});
const toy = taskConfig("toy", { model: { ...small, vocabulary: 64 }, training: { ...training } });
const withKeys = { "keys of a number": (given: object) => ({ ...given, keys: 1 }) };
const optionsOf = (given: object, bad: object = {}): Argument =>
  besides(record("options", given), {
    "keys of a number": withKeys["keys of a number"](given),
    "without a config": { ...given, config: undefined },
    ...bad,
  });
const runnable: Task = {
  name: "counting",
  metrics: [{ name: "loss", role: "loss" }],
  init: () => ({ params: { w: np.array(0) } }),
  batch: () => null,
  step: (given) => ({ state: given, metrics: { loss: np.array(1) } }),
};
const running = besides(record("options", { task: runnable, steps: 1 }), {
  "without steps": { task: runnable },
  "steps NaN": { task: runnable, steps: NaN },
  "half a step": { task: runnable, steps: 0.5 },
  "a task without steps": { task: { ...runnable, step: undefined }, steps: 1 },
  "unknown hook": { task: runnable, steps: 1, hooks: { save: () => undefined, saved: 1 } },
  "a start without a state": { task: runnable, steps: 1, start: { step: 1 } },
  "a model without a step": { model: { ...model, step: 1 }, config, data: { train: data } },
  "data of texts": { model, config, data: { train: "to be" } },
});
const whole = (name: string, given = 1): Argument => besides(count(name, given), { list: [1] });
const words = (_: number, n: number): Uint32Array => new Uint32Array(n);
const windowPlan = { order: "random", tokens: 20, length: 8, batch: 1, words };

/** What a model runs, and says what is wrong with parameters. */
const passes = ["loss", "tokenLosses", "runStack", "trainStep"];

/** What a run is called in messages about its task. */
const run = ["train", "nextTokenTask", "task counting"];

export const table: Table = {
  beamSearch: call(
    predictor,
    anyState,
    numbersOf("prompt", [1, 2]),
    whole("count"),
    besides(record("options", { ...reading, beams: 2, lengthPenalty: 1, earlyStopping: false }), {
      ...readingBad,
      "no beams": { ...reading, beams: 0 },
      "half a beam": { ...reading, beams: 1.5 },
    }),
  ),
  breathe: call(),
  canResume: call(withTensors),
  checkSplit: call(
    besides(parts("split", ofSplit), badSplit),
    whole("count", 30),
    besides(parts("needs", { length: 8, order: "random", unit: "bytes" }, "unit"), {
      "length -1": { length: -1, order: "random" },
      "unknown order": { length: 8, order: "sorted" },
    }),
  ),
  checkSplitOrThrow: callNamed(
    "checkSplit",
    besides(parts("split", ofSplit), {
      ...badSplit,
      overlap: { train: [0, 20], validation: [10, 30] },
    }),
    whole("count", 30),
    parts("needs", { length: 8, order: "random", unit: "bytes" }, "unit"),
  ),
  checkpointFromBytes: call(bytes("bytes", file), identity),
  checkpointFromBytesOrThrow: callNamed(
    "checkpointFromBytes",
    besides(bytes("bytes", file), { "a file cut short": file.subarray(0, 9) }),
    identity,
  ),
  checkpointOf: call(
    besides(record("parts", { config, state, step: 1, progress: {} }), {
      "step NaN": { config, state, step: NaN },
      "a state of texts": { config, state: { params: "w" }, step: 1 },
      "without a config": { state, step: 1 },
      "a task without a name": { task: {}, state, step: 1 },
      "keys of a number": { config, state, step: 1, keys: 1 },
    }),
  ),
  checkpointToBytes: call(aCheckpoint, besides(storing, { "unknown dtype": { dtype: "f64" } })),
  classifyTask: returningInternal(
    call(
      optionsOf(
        { config: classify.config, data: classify.data, keys },
        {
          "without classes": { config: classifyWritten, data: classify.data },
          "data of texts": { config: classify.config, data: { train: ["a"], validation: [] } },
        },
      ),
    ),
  ),
  completeImages: call(
    configOf(images),
    tree("params", initParams(images.model, random.key(0))),
    besides(record("images", someImages), imagesBad),
    besides(parts("options", { given: 1, temperature: 1, key: random.key(0), uniform: () => 0 }), {
      "temperature -1": { given: 1, temperature: -1, key: random.key(0), uniform: () => 0 },
    }),
  ),
  contextRule: call(
    whole("length", 8),
    besides(whole("stride", 4), { "longer than a window": 9, zero: 0 }),
    besides(text("unit", "byte"), { "another unit": "bit" }),
  ),
  // A state may hold nothing.
  copyState: call(allowing(leaves("state"), "undefined", "null")),
  corpusBleu: call(
    textsOf("translations", ["a b"]),
    besides(textsOf("references", ["a b"]), { none: [] }),
  ),
  defaultSplit: call(
    whole("count", 100),
    besides(optional(text("order", "random")), { "unknown order": "sorted" }),
  ),
  evaluationPlan: call(
    whole("count", 30),
    whole("length", 8),
    besides(whole("stride", 4), { "longer than a window": 9, zero: 0 }),
  ),
  finish: call(
    besides(record("run", (async function* run() {})()), { "no run": {} }),
    optional(callback("onStep", () => undefined)),
  ),
  formatBits: call(
    besides(allowing(record("bits", { bitsPerByte: 2 }), "empty"), {
      "of a text": { bitsPerByte: "2" },
    }),
    besides(whole("digits", 2), { many: 1000 }),
    optional(text("per", "/")),
  ),
  formatMetric: call(metric, allowing(record("record", { loss: 1 }), "empty")),
  formatMetrics: call(
    besides(anything("metrics", [metric.good]), {
      undefined: undefined,
      metric: metric.good,
      texts: ["loss"],
    }),
    allowing(record("record", { loss: 1 }), "empty"),
  ),
  frequentWords: call(textsOf("texts", ["to be"]), number("count", 1)),
  gatherWindows: call(
    tokens("tokens"),
    besides(anything("starts", [0]), {
      undefined: undefined,
      number: 0,
      fractions: [0.5],
      texts: ["0"],
    }),
    whole("length", 8),
  ),
  generate: call(predictor, anyState, numbersOf("prompt", [1, 2]), whole("count"), generation),
  generateAll: callNamed(
    "generate",
    predictor,
    anyState,
    besides(anything("prompts", [[1], [2]]), {
      undefined: undefined,
      text: "to be",
      none: [],
      texts: ["to be"],
      numbers: [1, 2],
    }),
    whole("count"),
    generation,
  ),
  imagesFrom: call(
    bytes("data", new Uint8Array(8)),
    imageShape,
    besides(text("format", "raw"), { jpeg: "jpeg" }),
  ),
  imagesFromOrThrow: callNamed(
    "imagesFrom",
    besides(bytes("data", new Uint8Array(8)), { "half an image": new Uint8Array(3) }),
    imageShape,
    besides(text("format", "raw"), { jpeg: "jpeg" }),
  ),
  imagesTask: returningInternal(
    call(
      optionsOf(
        { config: images, data: { train: someImages, validation: someImages }, keys },
        {
          "half an image": {
            config: images,
            data: { train: imagesBad["half an image"], validation: someImages },
          },
        },
      ),
    ),
  ),
  importedCheckpoint: call(
    record("config", config.model),
    besides(tree("params", state.params), { "without layers": { ...state.params, layers: [] } }),
  ),
  labelledFrom: call(
    bytes("data", labelled),
    besides(options({ format: "tsv", labelKey: "label", textKey: "text" }, "format"), {
      "unknown format": { format: "csv" },
    }),
  ),
  labelledFromOrThrow: callNamed(
    "labelledFrom",
    besides(bytes("data", labelled), { "no columns": lines("a b c") }),
    optional(options({ format: "tsv", labelKey: "label", textKey: "text" }, "format")),
  ),
  maskedTask: returningInternal(
    call(
      optionsOf(
        { config: masked, data: { train: data, validation: data }, keys },
        { "data of texts": { config: masked, data: { train: "to be" } } },
      ),
    ),
  ),
  measure: call(
    aModel,
    anyState,
    tokens("data"),
    besides(options({ length: 8, stride: 4, batch: 1, key: random.key(0), rounds: 1 }), {
      "without a length": { stride: 4, batch: 1, key: random.key(0) },
      "stride 0": { length: 8, stride: 0, batch: 1, key: random.key(0) },
      "a key of floats": { length: 8, stride: 4, batch: 1, key: np.zeros([2]) },
    }),
  ),
  metricsLine: call(
    besides(record("record", { step: 1, loss: 2 }), { "half a step": { step: 0.5 } }),
  ),
  midiOf: call(numbersOf("events", [380, 60, 305, 188])),
  musicFrom: call(bytes("data", music)),
  musicFromOrThrow: callNamed(
    "musicFrom",
    besides(bytes("data", music), { "no file": new Uint8Array(8) }),
  ),
  nextTokenProbabilities: call(
    besides(numbersOf("logits", [0, 1, 2]), { NaN: [NaN, 1, 2] }),
    besides(record("options", sampling), samplingBad),
  ),
  nextTokenTask: returningInternal(
    call(
      optionsOf(
        { model, config, data: { train: data, validation: data }, keys },
        {
          "a model without a step": { model: { ...model, step: 1 }, config, data: { train: data } },
          "data of texts": { model, config, data: { train: "to be" } },
          "unknown data": { model, config, data: { train: data, test: data } },
        },
      ),
    ),
  ),
  optimizerOf: returningInternal(
    call(
      besides(record("config", config.training), {
        "unknown optimizer": { ...config.training, optimizer: { kind: "adamm" } },
        "clip NaN": { ...config.training, clip: NaN },
        "without a schedule": { ...config.training, schedule: undefined },
      }),
    ),
  ),
  pairsFrom: call(
    bytes("data", pairLines),
    besides(anything("columns", [1, 2]), {
      one: [1],
      fractions: [0.5, 1],
      text: "1,2",
      zero: [0, 1],
    }),
  ),
  pairsFromOrThrow: callNamed(
    "pairsFrom",
    besides(bytes("data", pairLines), { "one column": lines("a\nb\n") }),
    besides(anything("columns", [1, 2]), { one: [1] }),
  ),
  parameterHash: call(leaves("tree")),
  parametersOf: call(withTensors),
  parametersOnly: call(withTensors),
  parseRange: call(rangeText, text("where", "--range")),
  parseRangeOrThrow: callNamed("parseRange", rangeText, text("where", "--range")),
  parseSplit: call(splitText),
  parseSplitOrThrow: callNamed("parseSplit", splitText),
  parseTrainConfig: call(json, chunks),
  parseTrainConfigOrThrow: call(json),
  pickToken: call(
    numbersOf("probabilities", Float64Array.of(0.5, 0.5)),
    besides(number("uniform", 0.1), { NaN: NaN, one: 1, negative: -0.1 }),
  ),
  pngOf: call(
    besides(bytes("values", new Uint8Array(4)), { "half an image": new Uint8Array(2) }),
    imageShape,
  ),
  prepareImagesOrThrow: callNamed(
    "prepareImages",
    configOf({ ...images, data: { ...images.data, format: "raw" } }),
    besides(bytes("bytes", new Uint8Array(80)), { "half an image": new Uint8Array(3) }),
  ),
  prepareLabels: call(configOf(classifyWritten), bytes("bytes", labelled)),
  prepareLabelsOrThrow: callNamed(
    "prepareLabels",
    configOf(classifyWritten),
    besides(bytes("bytes", labelled), { "no columns": lines("a b c") }),
  ),
  preparePairs: call(configOf(translateWritten), bytes("bytes", pairLines)),
  preparePairsOrThrow: callNamed(
    "preparePairs",
    configOf(translateWritten),
    besides(bytes("bytes", pairLines), { "one column": lines("a\nb\n") }),
  ),
  prepareQuestions: call(configOf(spansWritten), bytes("bytes", asked)),
  prepareQuestionsOrThrow: callNamed(
    "prepareQuestions",
    configOf(spansWritten),
    besides(bytes("bytes", asked), { "no questions": lines("a b c") }),
  ),
  questionsFrom: call(bytes("data", asked)),
  questionsFromOrThrow: callNamed(
    "questionsFrom",
    besides(bytes("data", asked), { "no questions": lines("a b c") }),
  ),
  reformerModel: returning(
    { ...call(aConfig), names: passes },
    {
      evaluate: call(
        anyParams("state"),
        besides(value("batch", np.zeros([1, 9], "i32")), { "one axis": np.zeros([9], "i32") }),
        aKey,
        options({}),
      ),
      init: call(aKey),
      parameterCount: call(allowing(anyParams("state"), "without layers")),
      planStep: call(anyParams("state"), batchOf(), aKey),
      predict: call(
        anyParams("state"),
        besides(value("tokens", np.zeros([1, 8], "i32")), { floats: np.zeros([1, 8]) }),
        whole("last", 1),
        aKey,
        options({ rounds: 1 }),
      ),
      step: call(anyParams("state", model.init(keys.initial)), batchOf(), aKey),
    },
  ),
  replayHashes: returningInternal(
    call(aTask, aModel, options({ record: () => undefined, replay: () => [] }, "hashes")),
  ),
  resolveConfig: call(sourcesArgument),
  resolveConfigOrThrow: callNamed("resolveConfig", sourcesArgument),
  resumePoint: call(aCheckpoint, resumed),
  resumePointOrThrow: callNamed(
    "resumePoint",
    aCheckpoint,
    besides(resumed, { "another task": { ...task, name: "other" } }),
  ),
  // Seeds beyond 2^53 are bigints.
  runKeys: returningInternal(callNamed("key", allowing(number("seed", 0), "bigint"))),
  scheduleOf: returningInternal(
    call(
      besides(record("config", config.training), {
        "unknown kind": { schedule: { kind: "steps" } },
        "rate NaN": { schedule: { kind: "constant", rate: NaN, horizon: 2 } },
      }),
    ),
  ),
  scoreAnswer: call(text("found", "I"), textsOf("right", ["I"])),
  spansTask: returningInternal(
    call(
      optionsOf(
        { config: spans.config, data: spans.data, keys },
        { "data of texts": { config: spans.config, data: { train: ["a"], validation: [] } } },
      ),
    ),
  ),
  stateOf: call(withTensors, besides(record("model", model), { "without init": { init: 1 } })),
  stateOfOrThrow: callNamed(
    "stateOf",
    withTensors,
    besides(record("model", model), { "without init": { init: 1 } }),
  ),
  taskConfig: call(
    besides(text("name", "toy"), { "unknown task": "copy", method: "constructor" }),
    besides(optional(options({ training: { ...training } }, "choices")), {
      "batch of a text": { training: { batch: "many" } },
    }),
    chunks,
  ),
  tensorsOf: call(leaves("tree")),
  tokensFrom: call(
    bytes("data", data),
    besides(text("format", "bytes"), { "unknown format": "utf8" }),
    whole("vocabulary", 256),
  ),
  tokensFromOrThrow: callNamed(
    "tokensFrom",
    bytes("data", data),
    besides(text("format", "bytes"), { "unknown format": "utf8" }),
    whole("vocabulary", 256),
  ),
  toySequences: call(
    besides(parts("shape", { name: "copy", symbols: 4, length: 8 }), {
      "unknown toy": { name: "chess", symbols: 4, length: 8 },
      "no room": { name: "copy", symbols: 4, length: 1 },
    }),
    whole("count", 1),
    besides(record("keys", keys), { "no words": { words: 1 } }),
    whole("index", 0),
  ),
  toyTask: returningInternal(call(optionsOf({ config: toy, keys }))),
  train: { ...call(running), names: run },
  trainAhead: { ...call(running), names: run },
  trainConfig: call(
    besides(
      optional(options({ preset: "bytes-small", model: {}, training: {}, data: {} }, "choices")),
      {
        "unknown preset": { preset: "bytes-smal" },
        "batch of a text": { training: { batch: "many" } },
      },
    ),
  ),
  translateModel: returningInternal(call(record("config", translate.config.model))),
  translateTask: returningInternal(
    call(
      optionsOf(
        { config: translate.config, data: translate.data, keys },
        {
          "data of texts": { config: translate.config, data: { ...translate.data, train: ["a"] } },
          "a codec of a text": {
            config: translate.config,
            data: { ...translate.data, codec: "bpe" },
          },
        },
      ),
    ),
  ),
  translateTexts: callNamed(
    "encode",
    besides(record("model", translator), { "without next": { ...translator, next: 1 } }),
    tree("params", translateParams),
    textsOf("texts", ["a"]),
    besides(
      parts("options", {
        codec: translate.data.codec,
        length: 4,
        batch: 1,
        key: random.key(0),
        layers: ["full"],
      }),
      {
        "a codec without an end": {
          codec: { ...codec, end: "." },
          length: 4,
          batch: 1,
          key: random.key(0),
          layers: [],
        },
      },
    ),
  ),
  treeFrom: call(leaves("template"), map("tensors")),
  treeFromOrThrow: callNamed(
    "treeFrom",
    leaves("template"),
    besides(map("tensors"), { none: new Map() }),
  ),
  windowStarts: call(
    besides(parts("plan", windowPlan), {
      "unknown order": { ...windowPlan, order: "sorted" },
      "too few": { ...windowPlan, tokens: 3 },
    }),
    whole("step", 0),
  ),
  wordCodec: returning(call(textsOf("words", ["be"])), {
    decode: call(numbersOf("tokens", [1])),
    encode: call(text("text", "be")),
  }),
};

function batchOf(): Argument {
  return besides(value("batch", np.zeros([1, 9], "i32")), {
    "one axis": np.zeros([9], "i32"),
    floats: np.zeros([1, 9]),
  });
}

function anyParams(name: string, given = state): Argument {
  return besides(tree(name, given), { "without layers": { ...given, params: {} } });
}
