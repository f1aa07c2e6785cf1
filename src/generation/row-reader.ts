import { checkPartsOf, checkSomeOf, type KindsOf } from "../core/arguments.ts";
import { orAbsent } from "../core/kinds.ts";
import { ReformaxError } from "../core/errors.ts";
import { tensorFrom, type Tensor } from "../core/tensor.ts";
import { computeToHost } from "../core/to-host.ts";
import type { PredictOptions, Predictor, ReaderStep, TokenReader } from "./predictor.ts";
import { checkStreams, type StreamHealth } from "./stream-health.ts";

/** How the next token is predicted; see `GenerateOptions.decode`. */
export type DecodeMethod = "cache" | "streaming" | "recompute" | "huggingface";

/** How a model reads the texts that it goes on with. */
export interface RowOptions extends PredictOptions {
  /** Tokens that the model sees at a time: the last ones. */
  readonly context: number;
  /** u32[2]: the hash rotations, the same for every token. */
  readonly key: Tensor;
  /**
   * `cache`, the default where the model can: what was read is kept, and a token costs what one token costs; once there are `context`
   * tokens, the last half of them is read anew, and what is before it forgotten. `streaming`: as `cache`, but nothing is read anew: lsh and full
   * layers see the last `context` tokens, local ones their windows, and positions go on, which those of a table do up to its end. Of a longer
   * prompt the last `context` tokens are read. `recompute`: every token is predicted anew from the
   * last `context` tokens, which costs a whole pass. `huggingface`: as `cache`, but as HuggingFace's Reformer decodes with `use_cache`; see
   * `decoding.huggingFace`.
   */
  readonly decode?: DecodeMethod;
}

const rowKinds: KindsOf<RowOptions> = {
  context: "size",
  key: "array",
  decode: orAbsent(["cache", "streaming", "recompute", "huggingface"]),
  rounds: orAbsent("size"),
};

export const checkRowOptions = (options: RowOptions, where: string): void =>
  void checkPartsOf(options, rowKinds, "options", where);

/** What predicts; how is its own matter. */
export const checkPredictor = (model: Predictor<never>, where: string): void =>
  void checkSomeOf(model, { predict: "function", reader: orAbsent("object") }, "model", where);

/**
 * Logits of what follows each of some texts. From call to call text i is text `parents[i]` of the call before, and one token more; in
 * the first call there is no call before.
 */
export type RowReader = (
  texts: readonly (readonly number[])[],
  parents: readonly number[],
) => Promise<readonly ArrayLike<number>[]>;

/** What a pass said of some of the texts. */
interface Part {
  readonly texts: readonly number[];
  /** f32[B, vocabulary] */
  readonly logits: Tensor;
  readonly health?: StreamHealth;
}

/**
 * @param count tokens that each text is going to have more, at most
 * @throws ReformaxError where `decode` asks for a cache of a model that has none
 */
export function rowReader<State>(
  model: Predictor<State>,
  state: State,
  count: number,
  options: RowOptions,
  where: string,
): RowReader {
  const { decode = model.reader ? "cache" : "recompute" } = options;
  const readParts =
    decode === "recompute"
      ? recomputing(model, state, options)
      : reading(
          readerFor(model, decode, where),
          state,
          { count, where },
          {
            ...options,
            streaming: decode === "streaming",
          },
        );
  return async (texts, parents) => {
    const parts = await computeToHost(() => readParts(texts, parents));
    const rows: ArrayLike<number>[] = texts.map(() => []);
    for (const part of parts) {
      checkStreams(part.health, where);
      const words = part.logits.words();
      const size = words.length / part.texts.length;
      part.texts.forEach((text, i) => (rows[text] = words.subarray(i * size, (i + 1) * size)));
    }
    return rows;
  };
}

function readerFor<State>(
  { reader, huggingFace }: Predictor<State>,
  decode: Exclude<DecodeMethod, "recompute">,
  where: string,
): TokenReader<State> {
  const isForeign = decode === "huggingface";
  const found = isForeign ? huggingFace : reader;
  if (found) return found;
  throw new ReformaxError("this model cannot be read token by token", {
    where,
    expected: `decode "recompute", or a model that has ${isForeign ? "HuggingFace's reader" : "a reader"}`,
    got: `decode "${decode}"`,
  });
}

type ReadParts = (
  texts: readonly (readonly number[])[],
  parents: readonly number[],
) => readonly Part[];

const recomputing =
  <State>(model: Predictor<State>, state: State, { context, key, rounds }: RowOptions): ReadParts =>
  (texts) =>
    texts.map((text, i): Part => {
      const seen = text.slice(-context);
      const tokens = new Int32Array(context);
      tokens.set(seen);
      const padded = tensorFrom("i32", [1, context], tokens);
      const predicted = model.predict(state, padded, seen.length - 1, key, { rounds });
      return { texts: [i], ...predicted };
    });

const i32 = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensorFrom("i32", shape, Int32Array.from(values));

/** Throws unless there are positions for texts of so many tokens more; the last one is not read. */
function requirePositions(
  texts: readonly (readonly number[])[],
  count: number,
  longest: number,
  where: string,
): void {
  const before = Math.max(...texts.map(({ length }) => length));
  if (before + count - 1 <= longest) return;
  throw new ReformaxError("the positions of this model end before the text does", {
    where,
    expected: `at most ${longest + 1 - before} tokens after a prompt of ${before}: there are ${longest} positions`,
    got: String(count),
    fix: 'decode "cache" reads the last half anew and goes on; positions without a table ("sinusoid", "none", turning queries) have no end.',
  });
}

function reading<State>(
  reader: TokenReader<State>,
  state: State,
  { count, where }: { readonly count: number; readonly where: string },
  { context, key, rounds, streaming }: RowOptions & { readonly streaming: boolean },
): ReadParts {
  const capacity = Math.min(context, reader.longest);
  const half = Math.max(1, capacity >> 1);
  // A long prompt leaves room for what is going to be written, half of all at most.
  const first = streaming ? capacity : Math.max(half, capacity - count);
  let cache: unknown;
  /** Of the texts of the call before: their row in the cache, and how many of their tokens it has. */
  let kept: readonly { readonly row: number; readonly read: number }[] = [];
  const begin = (seen: readonly (readonly number[])[]): ReaderStep => {
    const tokens = i32(seen.flat(), [seen.length, seen[0].length]);
    return reader.begin(state, tokens, key, { rounds, capacity, ...(streaming && { streaming }) });
  };
  return (texts, parents) => {
    const before = parents.map((parent) => kept.at(parent));
    const goesOn = (i: number): boolean =>
      streaming ? before[i] !== undefined : (before[i]?.read ?? capacity) < capacity;
    const places = texts.map((_, i) => i);
    const going = places.filter(goesOn);
    const parts: { texts: readonly number[]; read: readonly number[]; step: ReaderStep }[] = [];
    if (going.length > 0) {
      const rows = going.map((i) => before[i]?.row ?? 0);
      const isAll = rows.length === kept.length && rows.every((row, i) => row === i);
      const tokens = i32(going.map((i) => texts[i][texts[i].length - 1]));
      const step = reader.next(state, cache, tokens, isAll ? undefined : i32(rows));
      parts.push({ texts: going, read: going.map((i) => (before[i]?.read ?? 0) + 1), step });
    }
    const most = kept.length === 0 ? first : half;
    const seen = texts.map((text) => text.slice(-most));
    if (streaming && kept.length === 0) requirePositions(seen, count, reader.longest, where);
    const anew = places.filter((i) => !goesOn(i));
    for (const length of new Set(anew.map((i) => seen[i].length))) {
      const alike = anew.filter((i) => seen[i].length === length);
      const step = begin(alike.map((i) => seen[i]));
      parts.push({ texts: alike, read: alike.map(() => length), step });
    }
    cache =
      parts.length === 1 ? parts[0].step.cache : reader.join(parts.map(({ step }) => step.cache));
    const inOrder = parts.flatMap(({ texts: ofPart, read }) =>
      ofPart.map((text, i) => ({ text, read: read[i] })),
    );
    kept = places.map((i) => {
      const row = inOrder.findIndex(({ text }) => text === i);
      return { row, read: inOrder[row].read };
    });
    return parts.map(({ texts: ofPart, step: { logits, health } }) => ({
      texts: ofPart,
      logits,
      health,
    }));
  };
}
