import { Tensor } from "reformax";

/** One argument of a good call, and the values of every kind that must not stand in its place. */
export interface Argument {
  readonly name: string;
  readonly good: unknown;
  readonly bad: Readonly<Record<string, unknown>>;
}

type Bad = Argument["bad"];

const tensor = (): Tensor =>
  new Tensor({ dtype: "f32", shape: [2], weak: false }, new Float32Array(2));

const missing: Bad = { undefined: undefined };
const notNumber: Bad = {
  null: null,
  text: "1",
  object: {},
  function: () => 1,
  symbol: Symbol("s"),
  bigint: 1n,
};
const notWhole: Bad = { NaN: NaN, fraction: 1.5, infinity: Infinity };
const notObject: Bad = { null: null, text: "axis", number: 1, function: () => 1 };

const argument =
  (bad: Bad) =>
  (name: string, good: unknown): Argument => ({ name, good, bad: { ...missing, ...bad } });

/** The same argument where it may also be left out. */
export const optional = ({ bad, ...rest }: Argument): Argument => {
  const { undefined: _, ...others } = bad;
  return { ...rest, bad: others };
};

/** The argument with some bad values more, or instead. */
export const besides = (given: Argument, bad: Bad): Argument => ({
  ...given,
  bad: { ...given.bad, ...bad },
});

/** The argument where these values are good after all. */
export const allowing = ({ bad, ...rest }: Argument, ...names: readonly string[]): Argument => ({
  ...rest,
  bad: Object.fromEntries(Object.entries(bad).filter(([name]) => !names.includes(name))),
});

const notArray: Bad = {
  ...notNumber,
  date: new Date(0),
  "list of tensors": [tensor(), tensor()],
  "null in a list": [null],
  "text in a list": ["1"],
  "list of unequal rows": [[1], [1, 2]],
  BigInt64Array: new BigInt64Array(2),
  DataView: new DataView(new ArrayBuffer(8)),
};

export const array = argument(notArray);
export const arrays = argument({
  ...notNumber,
  number: 1,
  "no list": tensor(),
  "bad element": [tensor(), "1"],
  hole: [tensor(), undefined],
});
/** An array that must be one already: lists and numbers are none. */
export const value = argument({ ...notArray, number: 1, list: [1, 2] });
export const key = argument({
  ...notNumber,
  number: 0,
  list: [1, 2],
  "array of floats": tensor(),
  shape: [2],
});
export const count = argument({ ...notNumber, ...notWhole, negative: -1, list: [1, "1"] });
export const whole = argument({ ...notNumber, ...notWhole, list: [1, "1"] });
export const number = argument({ ...notNumber, list: [1] });
export const axis = argument({
  ...notNumber,
  ...notWhole,
  "beyond the rank": 9,
  "before the first": -9,
  list: ["0"],
});
export const axes = argument({
  ...notNumber,
  ...notWhole,
  "beyond the rank": 9,
  "before the first": -9,
  "text in a list": ["0"],
  "fraction in a list": [0.5],
  "one beyond": [9],
  options: { axis: 0 },
});
export const shape = argument({
  ...notNumber,
  ...notWhole,
  negative: [-2],
  "fraction in a list": [1.5],
  "NaN in a list": [NaN],
  "text in a list": ["2"],
  "too large": [2 ** 40, 0],
  "list of lists": [[2]],
});
export const wholes = argument({
  ...notNumber,
  "fraction in a list": [1.5],
  "NaN in a list": [NaN],
  "text in a list": ["1"],
  "too long": [0, 0, 0, 0, 0, 0, 0],
  "list of lists": [[1]],
});
export const numbers = argument({ ...notNumber, number: 1, "text in a list": ["1"] });
export const dtype = argument({
  number: 32,
  null: null,
  float32: "float32",
  f64: "f64",
  q32: "q32.31",
  empty: "",
  constructor: "constructor",
  object: {},
  list: ["f32"],
  symbol: Symbol("f32"),
});
export const text = argument({
  null: null,
  number: 1,
  object: {},
  list: ["a"],
  function: () => "a",
});
export const callback = argument({ null: null, text: "f", number: 1, object: {} });
export const callbacks = argument({
  null: null,
  text: "f",
  number: 1,
  "no list": () => 1,
  "text in a list": ["f"],
});

/** A record whose parts something else made. */
export const record = argument({ ...notObject, empty: {} });

/** Options: every one may be left out, a name that nobody knows is an error, and so is a value of another kind. */
export const options = (good: Readonly<Record<string, unknown>>, name = "options"): Argument => ({
  name,
  good,
  bad: {
    ...notObject,
    list: [],
    "unknown option": { ...good, keepdims: true },
    ...Object.fromEntries(
      Object.entries(good).map(([option, given]) => [
        `${option} of another kind`,
        { ...good, [option]: typeof given === "string" ? 1 : "text" },
      ]),
    ),
  },
});

/**
 * A record of the caller's: each part is missing, or of another kind, and there is one that nobody knows. `optional` parts may
 * be left out.
 */
export const parts = (
  name: string,
  good: Readonly<Record<string, unknown>>,
  ...leftOut: readonly string[]
): Argument => {
  const { bad } = options(good);
  const lacking = Object.keys(good)
    .filter((part) => !leftOut.includes(part))
    .map((part) => [`without ${part}`, { ...good, [part]: undefined }] as const);
  return { name, good, bad: { ...missing, ...bad, ...Object.fromEntries(lacking) } };
};

/** A tree of arrays that others read by name. */
export const tree = (name: string, good: object): Argument => ({
  name,
  good,
  bad: { ...missing, ...notObject, list: [], empty: {}, "text in it": changeLeaf(good, () => "w") },
});

/** The first array of the tree as something else. */
const changeLeaf = (whole: unknown, change: (leaf: Tensor) => unknown): unknown => {
  if (whole instanceof Tensor) return change(whole);
  if (typeof whole !== "object" || whole === null) return whole;
  const changed = Object.entries(whole).map(([k, part]) => [k, changeLeaf(part, change)] as const);
  return Array.isArray(whole) ? changed.map(([, part]) => part) : Object.fromEntries(changed);
};

/** What may be anything: a tree, a seed of several kinds, a value that is only printed. */
export const anything = (name: string, good: unknown): Argument => ({ name, good, bad: {} });

/** A file's bytes. */
export const bytes = argument({
  ...notNumber,
  number: 1,
  list: [1, 2],
  "a buffer": new ArrayBuffer(8),
  words: new Uint16Array(4),
  floats: new Float32Array(2),
});

/** A file or a folder: the name of one that is there. */
export const path = argument({
  null: null,
  number: 1,
  object: {},
  list: ["a"],
  function: () => "a",
  empty: "",
  "a zero in it": "a\0b",
});
