import { joinBytes } from "../../src/edge/node/read-file.ts";
import type { Json } from "../../src/edge/json.ts";

/** A file that a reader reads, and from which mutants are made. */
export interface Sample {
  readonly bytes: Uint8Array;
  /** JSON within it, and the file with other text in its place. */
  readonly json?: { readonly text: string; readonly wrap: (text: string) => Uint8Array };
}

/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

const below = (uniform: Uniform, limit: number): number => Math.floor(uniform() * limit);
const pick = <T>(uniform: Uniform, items: readonly T[]): T => items[below(uniform, items.length)];

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Pieces of text that parsers stumble over. */
const words = [
  ...'{ } [ ] , : " \\'.split(" "),
  "null",
  "true",
  "-0",
  "1e999",
  "-1e-999",
  "9007199254740993",
  "1.5",
  '"":',
  '"__proto__":',
  '"constructor":1,',
  "\\u0000",
  "\\ud800",
  "\ufeff",
  "__metadata__",
  "reformax.dtype:",
  "q32.20",
  "F16",
  "BF16",
  "[[[[[[[[",
].map(encode);

/** What stands for raw text in a tree of JSON until it is written. */
const raw = (text: string): string => `@@${text}@@`;

const nest = (levels: number): Json => {
  let value: Json = 0;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Values of every kind: what nobody expects in the place of another. */
const values: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => "",
  () => "x".repeat(300),
  () => [],
  () => ({}),
  () => 0,
  () => -1,
  () => 0.5,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 1e300,
  () => raw("1e999"),
  () => raw("-0"),
  () => raw('{"a":1,"a":2}'),
  () => [1, [2, [3]]],
  () => nest(3),
  () => nest(99),
  () => nest(300),
  () => Array.from({ length: 200 }, (_, i) => i),
  () => "lsh",
  () => "F32",
  () => ({ kind: "adam" }),
];

/** One mutant of a sample, by a few changes of its bytes or of its JSON. */
export function mutate(sample: Sample, others: readonly Sample[], uniform: Uniform): Uint8Array {
  const changes = 1 + below(uniform, 4);
  if (sample.json !== undefined && uniform() < 0.6) {
    let value = JSON.parse(sample.json.text) as Json;
    for (let i = 0; i < changes; i++) value = mutateJson(value, uniform);
    const text = JSON.stringify(value).replace(/"@@(.*?)@@"/g, (_, inner: string) =>
      inner.replaceAll('\\"', '"'),
    );
    return sample.json.wrap(text);
  }
  let { bytes } = sample;
  for (let i = 0; i < changes; i++) bytes = mutateBytes(bytes, others, uniform);
  return bytes;
}

/** The same tree with one node replaced, removed, doubled or renamed. */
function mutateJson(value: Json, uniform: Uniform): Json {
  const isInner = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!isInner || uniform() < 0.15) return pick(uniform, values)();
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    const at = below(uniform, list.length);
    const choice = uniform();
    if (choice < 0.1) return list.filter((_, i) => i !== at);
    if (choice < 0.2) return [...list, list[at]];
    return list.map((item, i) => (i === at ? mutateJson(item, uniform) : item));
  }
  const entries = Object.entries(value);
  const at = below(uniform, entries.length);
  const choice = uniform();
  const changed = entries.flatMap(([key, part], i): [string, Json][] => {
    if (i !== at) return [[key, part]];
    if (choice < 0.1) return [];
    if (choice < 0.2) return [[pick(uniform, ["__proto__", `${key}x`, "", "toString"]), part]];
    if (choice < 0.3)
      return [
        [key, part],
        [pick(uniform, ["kind", "a", `${key}2`]), part],
      ];
    return [[key, mutateJson(part, uniform)]];
  });
  return Object.fromEntries(changed);
}

function mutateBytes(bytes: Uint8Array, others: readonly Sample[], uniform: Uniform): Uint8Array {
  const at = below(uniform, bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + below(uniform, pick(uniform, [2, 16, 200])));
  const [before, part, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  const join = (...parts: readonly Uint8Array[]): Uint8Array => joinBytes(parts);
  switch (below(uniform, 8)) {
    case 0:
      return join(before, after);
    case 1:
      return join(before, part, part, after);
    case 2:
      return join(before, pick(uniform, words), after);
    case 3:
      return join(before, pick(uniform, words), part, after);
    case 4:
      return join(
        before,
        part.map(() => below(uniform, 256)),
        after,
      );
    case 5:
      return join(
        before,
        part.map((byte) => byte ^ (1 << below(uniform, 8))),
        after,
      );
    case 6:
      return withNumber(bytes, at, uniform);
    default:
      return join(before, pick(uniform, others).bytes.subarray(at));
  }
}

/** The bytes with a little-endian number of 8 bytes at the beginning, or somewhere. */
function withNumber(bytes: Uint8Array, at: number, uniform: Uniform): Uint8Array {
  if (bytes.length < 8) return bytes;
  const copy = Uint8Array.from(bytes);
  const place = uniform() < 0.5 ? 0 : Math.min(at, bytes.length - 8);
  const numbers = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
  const near = BigInt(below(uniform, bytes.length + 16));
  new DataView(copy.buffer).setBigUint64(place, pick(uniform, [...numbers, near, near]), true);
  return copy;
}
