import { makeProgram, tree, type Value } from "reformax";
import * as np from "reformax/numpy";
import { call, callNamed, returning, returningInternal, type Table } from "./check.ts";
import { control } from "./control.ts";
import {
  anything,
  besides,
  callback,
  optional,
  options,
  record,
  text,
  value,
  type Argument,
} from "./kinds.ts";

const x = np.array([1, 2]);
const scalar = callback("f", (v: Value) => np.sum(v));
const f = callback("f", (v: Value) => np.sin(v));
const leaf = (name: string): Argument =>
  besides(anything(name, x), {
    text: "x",
    function: () => 1,
    bigint: 1n,
    symbol: Symbol("x"),
    "text in a tree": { w: "x" },
  });
/** A transformed function. */
const applied = call(leaf("argument"));
const positions = { fraction: { argnums: 0.5 }, "a list of texts": { argnums: ["0"] } };
const program = makeProgram((v: Value) => np.sin(v))(x);
const aProgram = record("program", program);

export const table: Table = {
  ...control,
  call: call(
    aProgram,
    besides(anything("operands", [x]), {
      undefined: undefined,
      number: 1,
      "text in a list": ["x"],
    }),
    text("name", "f"),
  ),
  checkpoint: returning(call(f), applied),
  checkProgram: call(aProgram),
  customJvp: returning(
    call(
      f,
      callback("rule", ([v]: Value[], [t]: Value[]) => [v, t]),
    ),
    applied,
  ),
  customVjp: returning(
    call(
      f,
      besides(record("rules", { forward: (v: Value) => [v, v], backward: (v: Value) => [v] }), {
        "no function": { forward: 1, backward: 2 },
      }),
    ),
    applied,
  ),
  evalShape: call(f, leaf("argument")),
  grad: returning(
    call(scalar, besides(options({ argnums: 0, hasAux: false }), positions)),
    applied,
  ),
  init: returningInternal(
    call(
      besides(optional(text("name", "reference")), {
        "unknown backend": "cuda",
        method: "constructor",
      }),
    ),
  ),
  jit: returning(
    call(
      f,
      besides(options({ staticArgnums: [1], donateArgnums: [], name: "f" }), {
        fraction: { staticArgnums: [0.5] },
        "text in a list": { donateArgnums: ["0"] },
      }),
    ),
    call(leaf("argument"), anything("static", 1)),
  ),
  jvp: call(
    f,
    besides(anything("primals", [x]), { undefined: undefined, number: 1, "text in a list": ["x"] }),
    besides(anything("tangents", [x]), {
      undefined: undefined,
      number: 1,
      "text in a list": ["x"],
      "too few": [],
    }),
  ),
  linearize: call(f, leaf("argument")),
  makeProgram: returning(call(f), applied),
  named: returning(call(text("name", "f"), f), callNamed("sin", leaf("argument"))),
  printProgram: call(aProgram),
  release: call(anything("values", [])),
  scope: call(callback("f", () => [1])),
  stopGradient: call(value("x", x)),
  toHost: call(anything("values", { x })),
  valueAndGrad: returning(
    call(scalar, besides(options({ argnums: 0, hasAux: false }), positions)),
    applied,
  ),
  vjp: call(f, leaf("argument")),
  vmap: returning(
    call(
      f,
      besides(options({ inAxes: 0, outAxes: 0 }), {
        fraction: { inAxes: 0.5 },
        "text in a list": { inAxes: ["0"] },
      }),
    ),
    applied,
  ),
};

/** A class of its own for each registration. */
const nodeOf = (name: string): typeof Map => ({ [name]: class extends Map {} })[name];

/** @param name of the node that the good call registers, which can be done once */
export const treeTable = (name: string): Table => ({
  checkSameStructure: call(
    besides(record("expected", tree.structureOf([1])), { tensor: x }),
    besides(record("got", tree.structureOf([2])), { tensor: x }),
    anything("where", "here"),
  ),
  flatten: call(anything("value", [1]), optional(callback("isLeaf", () => false))),
  leaves: call(anything("value", [1])),
  map: call(
    callback("f", (leaf: unknown) => leaf),
    anything("tree", [1]),
    besides(anything("rest", [2]), { "another structure": [1, 2] }),
  ),
  paths: call(anything("value", [1])),
  registerNode: call(
    besides(
      record("type", {
        name,
        constructor_: nodeOf(name),
        flatten: () => ({ children: [] }),
        unflatten: () => null,
      }),
      {
        "no functions": { name: "b", constructor_: Date, flatten: 1, unflatten: 2 },
        "no class": {
          name: "c",
          constructor_: 1,
          flatten: () => ({ children: [] }),
          unflatten: () => null,
        },
      },
    ),
  ),
  structureOf: call(anything("value", [1]), optional(callback("isLeaf", () => false))),
  unflatten: call(
    record("structure", tree.structureOf([1])),
    besides(anything("leaves", [1]), {
      undefined: undefined,
      number: 1,
      "too many": [1, 2],
      text: "1",
    }),
  ),
});

export const debugTable: Table = {
  nans: call(optional(besides(anything("enabled", false), { text: "no", number: 0, null: null }))),
  setPrinter: call(callback("printer", () => undefined)),
  print: call(text("format", "x"), anything("value", 1)),
};

const checkOptions = besides(
  options({ order: 1, modes: ["forward"], step: 1e-2, tolerance: 0.1, seed: 0 }),
  {
    "unknown order": { order: 3 },
    "unknown mode": { modes: ["sideways"] },
  },
);
const points = besides(anything("args", [np.array([0.3])]), {
  undefined: undefined,
  number: 1,
  text: "x",
});

export const testingTable: Table = {
  checkGrads: call(f, points, checkOptions),
  checkGradsAsync: call(f, points, checkOptions),
};
