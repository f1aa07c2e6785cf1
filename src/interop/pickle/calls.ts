import { dtypeOf, setArray, setDType, tensorOf } from "./arrays.ts";
import {
  fault,
  nameOfKind,
  ofKind,
  tupleOf,
  type Pickled,
  type PickledArray,
  type PickledGlobal,
} from "./values.ts";

/** Takes so many bytes from what all arrays of a file together may have. */
export type Spend = (bytes: number) => void;

type Call = (args: readonly Pickled[], spend: Spend) => Pickled;

const reconstruct: Call = () => ({ kind: "array", tensor: null });

/** Protocol 5: bytes, dtype, shape, and the order of the axes. */
const fromBuffer: Call = ([data, dtype, shape, order], spend) => ({
  kind: "array",
  tensor: tensorOf(shape ?? null, ofKind(dtype, "dtype"), order === "F", data ?? null, spend),
});

const scalar: Call = ([dtype, data], spend) => ({
  kind: "array",
  tensor: tensorOf(
    { kind: "tuple", items: [] },
    ofKind(dtype, "dtype"),
    false,
    data ?? null,
    spend,
  ),
});

/** What JAX makes of an array of its own: numpy's constructor, its arguments and its state, and what is JAX's alone. */
const ofJax: Call = ([constructor, , state], spend) => {
  const { name } = ofKind(constructor, "global");
  if (calls.get(name) !== reconstruct)
    throw fault("an array is made in another way", { got: name });
  const array: PickledArray = { kind: "array", tensor: null };
  setArray(array, state ?? null, spend);
  return array;
};

/** Dictionaries of lists, which are filled afterwards. */
const noEntries: Call = () => ({ kind: "dictionary", entries: [] });

/** Protocol 2 has no bytes: they are a text whose characters are their numbers. */
const encode: Call = ([text, encoding], spend) => {
  if (typeof text !== "string" || encoding !== "latin1") {
    throw fault("_codecs.encode of another kind", { expected: "a text and latin1" });
  }
  spend(text.length);
  const codes = Uint16Array.from(text, (character) => character.charCodeAt(0));
  if (codes.some((code) => code > 255)) throw fault("a text is not latin1");
  return { kind: "bytes", bytes: Uint8Array.from(codes) };
};

/** Protocol 2 writes no bytes at all as a call without arguments. */
const noBytes: Call = (args) => {
  if (args.length > 0) throw fault("calls bytes with arguments");
  return { kind: "bytes", bytes: new Uint8Array(0) };
};

/** Where numpy is of version 2, `core` is named `_core`. */
const ofNumpy = (name: string, call: Call): readonly (readonly [string, Call])[] =>
  ["numpy.core", "numpy._core"].map((module) => [`${module}.${name}`, call]);

const calls: ReadonlyMap<string, Call> = new Map<string, Call>([
  ...ofNumpy("multiarray._reconstruct", reconstruct),
  ...ofNumpy("multiarray.scalar", scalar),
  ...ofNumpy("numeric._frombuffer", fromBuffer),
  ["numpy.dtype", dtypeOf],
  ["_codecs.encode", encode],
  ["__builtin__.bytes", noBytes],
  ["collections.defaultdict", noEntries],
  ["jax._src.array._reconstruct_array", ofJax],
  ["jax._src.device_array.reconstruct_device_array", ofJax],
]);

/** Types that are arguments only. */
const types: ReadonlySet<string> = new Set(["numpy.ndarray", "builtins.list", "__builtin__.list"]);

/** The classes that trax's checkpoints hold, kept as what they were made of: its measurements, and the shape of what the model read. */
const classes: ReadonlySet<string> = new Set([
  "trax.history.History",
  "trax.supervised.history.History",
  "trax.shapes.ShapeDtype",
]);

const isKnown = (name: string): boolean => calls.has(name) || types.has(name) || classes.has(name);

export function globalNamed(module: Pickled | undefined, name: Pickled | undefined): PickledGlobal {
  const full = typeof module === "string" && typeof name === "string" ? `${module}.${name}` : "";
  if (isKnown(full)) return { kind: "global", name: full };
  throw fault("refers to what is not read", {
    expected: "arrays of numpy and JAX, and trax's History and ShapeDtype",
    got: JSON.stringify(full.slice(0, 60)),
  });
}

/** What a call gives: only names that are known are called, and none of Python's code. */
export function called(callee: Pickled, given: Pickled, spend: Spend): Pickled {
  const { name } = ofKind(callee, "global");
  const args = tupleOf(given, 0);
  const call = calls.get(name);
  if (call !== undefined) return call(args, spend);
  if (!classes.has(name)) throw fault("calls what is a type only", { got: name });
  return { kind: "object", parts: [...args] };
}

/** Gives an object its state. */
export function setState(target: Pickled, state: Pickled, spend: Spend): void {
  const kind = nameOfKind(target);
  if (typeof target === "object" && target !== null) {
    if (target.kind === "dtype") return setDType(target, state);
    if (target.kind === "array") return setArray(target, state, spend);
    if (target.kind === "object") {
      target.parts.push(state);
      return;
    }
  }
  throw fault("gives a state to what has none", { got: kind });
}
