import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  invalid,
  unlessProblems,
  validateAll,
  type Problem,
  type Validated,
} from "../../../edge/problem.ts";
import { decodeUtf8 } from "../../../edge/json.ts";
import { mostIds } from "../tokenizer.ts";
import { readCharsmap, type Charsmap } from "./charsmap.ts";
import { readMessage, type Field } from "./wire.ts";

export type PieceType = "normal" | "unknown" | "control" | "byte";

export interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: PieceType;
}

/** What a sentencepiece model says. */
export interface SentencePieceModel {
  readonly algorithm: "unigram" | "bpe";
  /** Their places are their ids. */
  readonly pieces: readonly Piece[];
  /** The id of what is in no piece. */
  readonly unknown: number;
  readonly normalizer: NormalizerRules;
}

export interface NormalizerRules {
  /** What is written for sequences of characters; null for the same. */
  readonly charsmap: Charsmap | null;
  /** A space before the text. */
  readonly addsPrefix: boolean;
  /** Spaces at the ends, and all but one of several, go. */
  readonly removesSpaces: boolean;
}

const where = "sentencepiece model";

/** Code units of a piece: far more than sentencepiece's default of 16 characters. */
const longestPiece = 1024;

/** Names of types by their numbers; those without a place here are refused by name. */
const pieceTypes: readonly (PieceType | undefined)[] = [
  undefined,
  "normal",
  "unknown",
  "control",
  undefined,
  undefined,
  "byte",
];
const refusedTypes: Readonly<Record<number, string>> = { 4: "user-defined", 5: "unused" };

const algorithms: Readonly<Record<number, string>> = {
  1: "unigram",
  2: "bpe",
  3: "word",
  4: "char",
};

/** Numbers of the fields of the messages. */
const inModel = { pieces: 1, trainer: 2, normalizer: 3 };
const inPiece = { text: 1, score: 2, type: 3 };
const inTrainer = { algorithm: 3, spaceBehind: 24 };
const inNormalizer = { charsmap: 2, addsPrefix: 3, removesSpaces: 4, escapesSpaces: 5 };

/** Whether bytes begin as a model does: with a piece. */
export const looksLikeModel = (bytes: Uint8Array): boolean => bytes[0] === inModel.pieces * 8 + 2;

/**
 * Reads a file of sentencepiece (`.model`): pieces, algorithm and normalisation. Time and memory are linear in its bytes.
 *
 * @see https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
 */
export const readModel = (bytes: Uint8Array): Validated<SentencePieceModel> =>
  pipe(
    readMessage(bytes, where),
    E.chain((fields) =>
      pipe(
        validateAll(messagesOf(fields, inModel.pieces), pieceOf),
        E.chain((pieces) =>
          pipe(
            partsOf(fields),
            E.chain(({ trainer, normalizer }) =>
              pipe(
                rulesOf(normalizer),
                E.chain((rules) => complete(pieces, trainer, rules)),
              ),
            ),
          ),
        ),
      ),
    ),
  );

const messagesOf = (fields: readonly Field[], number: number): readonly Uint8Array[] =>
  fields.flatMap(({ number: own, value }) =>
    own === number && typeof value !== "number" ? [value] : [],
  );

interface Parts {
  readonly trainer: readonly Field[];
  readonly normalizer: readonly Field[];
}

const partsOf = (fields: readonly Field[]): Validated<Parts> => {
  const part = (number: number, name: string): Validated<readonly Field[]> =>
    readMessage(messagesOf(fields, number).at(-1) ?? new Uint8Array(0), `${where}: ${name}`);
  return pipe(
    part(inModel.trainer, "trainer"),
    E.chain((trainer) =>
      pipe(
        part(inModel.normalizer, "normalizer"),
        E.map((normalizer) => ({ trainer, normalizer })),
      ),
    ),
  );
};

/** The last value of a field that is a number. */
const numberOf = (fields: readonly Field[], number: number, otherwise: number): number => {
  const found = fields.findLast((field) => field.number === number)?.value;
  return typeof found === "number" ? found : otherwise;
};

const bytesOf = (fields: readonly Field[], number: number): Uint8Array | undefined => {
  const found = fields.findLast((field) => field.number === number)?.value;
  return typeof found === "number" ? undefined : found;
};

function pieceOf(bytes: Uint8Array, id: number): Validated<Piece> {
  const place = `${where}: piece ${id}`;
  return pipe(
    readMessage(bytes, place),
    E.chain((fields): Validated<Piece> => {
      const score = bytesOf(fields, inPiece.score);
      const number = numberOf(fields, inPiece.type, 1);
      const type = pieceTypes[number];
      if (type === undefined) {
        const got = refusedTypes[number] ?? `type ${number}`;
        const expected = "normal, unknown, control or byte";
        return invalid({
          where: place,
          problem: "is of a kind that is not supported",
          expected,
          got,
        });
      }
      const value = score?.length === 4 ? floatOf(score) : 0;
      if (!Number.isFinite(value)) {
        return invalid({ where: place, problem: "has a score that is not finite" });
      }
      return pipe(
        textOf(bytesOf(fields, inPiece.text), place),
        E.map((text) => ({ text, score: value, type })),
      );
    }),
  );
}

const floatOf = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);

function textOf(bytes: Uint8Array | undefined, place: string): Validated<string> {
  if (bytes === undefined || bytes.length === 0)
    return invalid({ where: place, problem: "has no text" });
  return pipe(
    decodeUtf8(bytes, place),
    E.chain((text) =>
      text.length <= longestPiece
        ? E.right(text)
        : invalid({ where: place, problem: "is too long", got: `${text.length} characters` }),
    ),
  );
}

function rulesOf(fields: readonly Field[]): Validated<NormalizerRules> {
  const flag = (number: number): boolean => numberOf(fields, number, 1) !== 0;
  if (!flag(inNormalizer.escapesSpaces)) {
    return invalid({ where, problem: "pieces with plain spaces are not supported" });
  }
  const charsmap = bytesOf(fields, inNormalizer.charsmap);
  const read: Validated<Charsmap | null> =
    charsmap === undefined || charsmap.length === 0
      ? E.right(null)
      : readCharsmap(charsmap, `${where}: normalizer`);
  return pipe(
    read,
    E.map((map) => ({
      charsmap: map,
      addsPrefix: flag(inNormalizer.addsPrefix),
      removesSpaces: flag(inNormalizer.removesSpaces),
    })),
  );
}

function complete(
  pieces: readonly Piece[],
  trainer: readonly Field[],
  normalizer: NormalizerRules,
): Validated<SentencePieceModel> {
  const number = numberOf(trainer, inTrainer.algorithm, 1);
  const algorithm = algorithms[number] ?? `number ${number}`;
  const unknown = pieces.findIndex(({ type }) => type === "unknown");
  const problems: Problem[] = [
    ...(numberOf(trainer, inTrainer.spaceBehind, 0) === 0
      ? []
      : [{ where, problem: "spaces at the ends of words are not supported" }]),
    ...(algorithm === "unigram" && pieces.some(({ type }) => type === "byte")
      ? [{ where, problem: "pieces for bytes are supported with bpe alone" }]
      : []),
    ...(unknown >= 0 ? [] : [{ where, problem: "has no piece for what is unknown" }]),
    ...(new Set(pieces.map(({ text }) => text)).size === pieces.length
      ? []
      : [{ where, problem: "holds a piece twice" }]),
    ...(pieces.length <= mostIds
      ? []
      : [
          {
            where,
            problem: "has more pieces than ids of two bytes",
            expected: `at most ${mostIds}`,
            got: String(pieces.length),
          },
        ]),
  ];
  if (algorithm !== "unigram" && algorithm !== "bpe") {
    problems.push({
      where,
      problem: "unknown algorithm",
      expected: "unigram or bpe",
      got: algorithm,
    });
    return unlessProblems(problems, () => ({ algorithm: "bpe", pieces, unknown, normalizer }));
  }
  return unlessProblems(problems, () => ({ algorithm, pieces, unknown, normalizer }));
}
