import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { asJsonObject, isJsonObject, type Json, type JsonObject } from "../../../edge/json.ts";
import { unlessProblems, type Problem, type Validated } from "../../../edge/problem.ts";
import { kindOf } from "../../../edge/kind-of.ts";
import { mostIds } from "../tokenizer.ts";

const where = "tokenizer.json";

/** Algorithms that the library has. */
const algorithms = ["BPE", "WordPiece", "Unigram"];

/** A tokenizer.json, and how many ids it has. */
export interface CheckedTokenizer {
  readonly json: JsonObject;
  readonly size: number;
}

/** Whether this is what a tokenizer.json holds, as far as its ids go: the library assumes that it is. */
export const checkTokenizerJson = (value: Json): Validated<CheckedTokenizer> =>
  pipe(
    asJsonObject(value, where),
    E.chain((json) => {
      const { model } = json;
      const ids = [...idsOfModel(model), ...addedIds(json.added_tokens)];
      const problems = [
        ...modelProblems(model),
        ...idProblems(ids),
        ...(isListOrAbsent(json.added_tokens)
          ? []
          : [{ where: `${where}: added_tokens`, problem: "is not a list" }]),
      ];
      const size = ids.reduce<number>((most, id) => Math.max(most, Number(id) + 1), 0);
      return unlessProblems(problems, () => ({ json, size }));
    }),
  );

const isListOrAbsent = (value: Json | undefined): boolean =>
  value === undefined || value === null || Array.isArray(value);

function modelProblems(model: Json | undefined): readonly Problem[] {
  if (!isJsonObject(model)) return [{ where: `${where}: model`, problem: "is not an object" }];
  const { type, vocab, merges } = model;
  // Files of earlier versions do not name the algorithm.
  const named = type === undefined || algorithms.some((name) => name === type);
  const ofPieces = type === "Unigram";
  return [
    ...(named
      ? []
      : [
          {
            where: `${where}: model.type`,
            problem: "is an algorithm that is not supported",
            expected: algorithms.join(", "),
            got: kindOf(type),
          },
        ]),
    ...((ofPieces ? isPieces(vocab) : isJsonObject(vocab))
      ? []
      : [
          {
            where: `${where}: model.vocab`,
            problem: "is no vocabulary",
            expected: ofPieces ? "a list of pieces and scores" : "an object of tokens and ids",
            got: kindOf(vocab ?? null),
          },
        ]),
    ...(type !== "BPE" || isMerges(merges)
      ? []
      : [
          {
            where: `${where}: model.merges`,
            problem: "are no merges",
            expected: "a list of two parts each",
          },
        ]),
  ];
}

const isPieces = (vocab: Json | undefined): boolean =>
  Array.isArray(vocab) &&
  vocab.every(
    (piece: Json) =>
      Array.isArray(piece) && typeof piece[0] === "string" && typeof piece[1] === "number",
  );

const isMerges = (merges: Json | undefined): boolean =>
  Array.isArray(merges) &&
  merges.every(
    (merge: Json) =>
      typeof merge === "string" ||
      (Array.isArray(merge) &&
        merge.length === 2 &&
        merge.every((part) => typeof part === "string")),
  );

const idsOfModel = (model: Json | undefined): readonly (Json | undefined)[] => {
  const vocab = isJsonObject(model) ? model.vocab : undefined;
  if (Array.isArray(vocab)) return vocab.map((_, id) => id);
  return isJsonObject(vocab) ? Object.values(vocab) : [];
};

const addedIds = (added: Json | undefined): readonly (Json | undefined)[] =>
  Array.isArray(added)
    ? added.map((token: Json) =>
        isJsonObject(token) && typeof token.content === "string" ? token.id : undefined,
      )
    : [];

function idProblems(ids: readonly (Json | undefined)[]): readonly Problem[] {
  const wrong = ids.find(
    (id) => !(typeof id === "number" && Number.isInteger(id) && id >= 0 && id < mostIds),
  );
  const isRight = wrong === undefined && !ids.includes(undefined);
  if (isRight) return [];
  return [
    {
      where,
      problem: "a token has no id that data can hold",
      expected: `an integer below ${mostIds}`,
      got: kindOf(wrong ?? null),
    },
  ];
}
