import * as np from "reformax/numpy";
import { initializers, initProductKeys } from "reformax/nn";
import { call, callNamed, returning, type Table } from "./check.ts";
import {
  array,
  axes,
  axis,
  besides,
  callback,
  count,
  dtype,
  key,
  number,
  optional,
  options,
  parts,
  record,
  shape,
  text,
} from "./kinds.ts";
import * as random from "reformax/random";

const x = array("x", [
  [1, 2],
  [3, 4],
]);
const tokens = array("tokens", np.array([0, 1], "i32"));
const identity = np.eye(2);
const table2 = { table: identity };
const norm = { gamma: np.ones([2]), beta: np.zeros([2]) };
const [memory] = initProductKeys({ inputs: 2, outputs: 2, heads: 1, keys: 3, width: 4 })(
  random.key(0),
);
const someAxes = optional(axes("axis", 0));
const unary = call(x);
const initializer = optional(callback("table", initializers.normal(1)));
const withTable = besides(record("params", table2), {
  "table of another kind": { table: "table" },
});

/** What draws with a key. */
const drawn = callNamed("draw", key("key", random.key(0)));

export const table: Table = {
  axialPositions: call(
    besides(record("params", { tables: [identity, identity] }), {
      "no list": { tables: identity },
      none: { tables: [] },
    }),
    tokens,
    optional(besides(text("combination", "sum"), { "another word": "add" })),
  ),
  dense: call(
    besides(record("params", { kernel: identity, bias: np.ones([2]) }), {
      "kernel of another kind": { kernel: "k" },
    }),
    x,
  ),
  dropout: call(
    key("key", random.key(0)),
    besides(number("rate", 0.5), { NaN: NaN, "above 1": 1.5, negative: -0.1 }),
    x,
    besides(options({ sharedAxes: 0 }), { "axis beyond": { sharedAxes: 9 } }),
  ),
  embedding: call(withTable, tokens),
  gelu: call(x, options({ approximate: true })),
  glu: call(x, optional(axis("axis", 0))),
  initAxialPositions: returning(
    call(shape("sizes", [2, 2]), shape("widths", [2, 2]), initializer),
    drawn,
  ),
  initDense: returning(
    call(
      count("inputs", 2),
      count("outputs", 2),
      options({ kernel: initializers.normal(1), bias: initializers.zeros }),
    ),
    drawn,
  ),
  initEmbedding: returning(call(count("vocabulary", 2), count("width", 2), initializer), drawn),
  initLayerNorm: returning(call(count("width", 2)), callNamed("ones", key("key", random.key(0)))),
  layerNorm: call(
    besides(record("params", norm), { "gamma of another kind": { gamma: "g", beta: norm.beta } }),
    x,
    options({ epsilon: 1e-5 }),
  ),
  initProductKeys: returning(
    call(
      besides(
        parts(
          "sizes",
          { inputs: 2, outputs: 2, heads: 1, keys: 3, width: 4 },
          "inputs",
          "outputs",
          "heads",
          "keys",
          "width",
        ),
        { "a query of odd width": { inputs: 2, outputs: 2, heads: 1, keys: 3, width: 3 } },
      ),
    ),
    drawn,
  ),
  initSru: returning(call(count("width", 2)), callNamed("initDense", key("key", random.key(0)))),
  leakyRelu: call(x, optional(number("slope", 0.1))),
  learnedPositions: call(withTable, tokens),
  logSoftmax: call(x, someAxes),
  logSumExp: call(x, someAxes, options({ keepDims: true })),
  oneHot: call(tokens, count("classes", 2), optional(dtype("dtype", "f32"))),
  productKeys: call(
    besides(record("params", memory), {
      "keys of another shape": { ...memory, keys: np.ones([1, 3, 2]) },
    }),
    x,
    besides(options({ best: 2, epsilon: 1e-5 }), { "more than there are": { best: 4 }, none: {} }),
  ),
  relu: unary,
  scaleNorm: call(
    besides(record("params", { gamma: np.array(1) }), { "gamma of another kind": { gamma: "g" } }),
    x,
    options({ epsilon: 1e-5 }),
  ),
  rmsNorm: call(record("params", { gamma: norm.gamma }), x, options({ epsilon: 1e-5 })),
  rotary: call(array("x", identity), array("waves", identity)),
  sigmoid: unary,
  silu: unary,
  sinusoids: call(
    array("positions", [0, 1]),
    count("width", 2),
    besides(options({ base: 100, layout: "halves" }), { "unknown layout": { layout: "mixed" } }),
  ),
  softmax: call(x, someAxes),
  softmaxCrossEntropy: call(
    x,
    tokens,
    besides(options({ labelSmoothing: 0.1 }), { "no weight for labels": { labelSmoothing: 1 } }),
  ),
  softplus: unary,
  sru: call(
    besides(record("params", { kernel: np.ones([2, 6]), bias: np.ones([6]) }), {
      "kernel of other sizes": { kernel: identity },
    }),
    x,
    besides(options({ activation: "tanh", highway: 1 }), {
      "unknown activation": { activation: "t" },
    }),
  ),
  tiedLogits: call(withTable, x),
};

/** An initialiser. */
const made = returning(call(shape("shape", [2, 2])), drawn);

/** `initializers`, which reformax/nn exports as one. */
export const initializersTable: Table = {
  draw: returning(call(callback("sample", (k: unknown) => k)), drawn),
  glorotUniform: returning(
    call(besides(options({ stackedAxes: 0 }), { fraction: { stackedAxes: 0.5 } })),
    made,
  ),
  lecunNormal: returning(call(options({ stackedAxes: 0 })), made),
  normal: returning(call(number("standardDeviation", 1)), made),
  ones: returning(call(shape("shape", [2])), drawn),
  uniform: returning(call(number("limit", 1)), made),
  zeros: returning(call(shape("shape", [2])), drawn),
};
