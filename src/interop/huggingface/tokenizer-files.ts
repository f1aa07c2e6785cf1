import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isJsonObject, parseJsonBytes, type JsonObject } from "../../edge/json.ts";
import { invalid, unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";
import { readTokenizer, type TokenizerFile } from "../tokenizers/load.ts";
import type { TokenizerKind } from "../tokenizers/tokenizer.ts";

/** A tokenizer in a folder: the name of its file, and the class that reads it. */
interface Place {
  readonly name: string;
  readonly tokenizerClass: string;
}

/** Only these have a place there. */
const places: Readonly<Partial<Record<TokenizerKind, Place>>> = {
  // A class of Reformer's own would add tokens of its own.
  "tokenizer.json": { name: "tokenizer.json", tokenizerClass: "PreTrainedTokenizerFast" },
  sentencepiece: { name: "spiece.model", tokenizerClass: "ReformerTokenizer" },
};

/** Names that tokenizers have in folders, the surest first. */
export const tokenizerNames = ["tokenizer.json", "spiece.model", "tokenizer.model"];

/** The name of its file in a folder of HuggingFace's; undefined where Reformers there read no tokenizer of this kind. */
export const tokenizerName = (kind: TokenizerKind): string | undefined => places[kind]?.name;

/**
 * The files of a tokenizer in the folder of a model, from its own file: this one under the name that it has there, and what names its class.
 *
 * @param config - of the model, as HuggingFace's
 */
export const tokenizerFiles = (
  file: Uint8Array,
  config: JsonObject,
): Validated<ReadonlyMap<string, Uint8Array>> =>
  pipe(
    readTokenizer(file),
    E.chain((read) => placeOf(read, file, config)),
    E.map(
      ({ name, tokenizerClass }) =>
        new Map([
          [name, file],
          ["tokenizer_config.json", settings(tokenizerClass, config)],
        ]),
    ),
  );

function placeOf(
  { kind, size }: TokenizerFile,
  file: Uint8Array,
  { vocab_size: ids }: JsonObject,
): Validated<Place> {
  const place = places[kind];
  if (place === undefined) {
    return invalid({
      where: "tokenizer",
      problem: "is of a kind that HuggingFace's Reformers do not read",
      expected: Object.keys(places).join(" or "),
      got: kind,
    });
  }
  const tooMany = typeof ids === "number" && size > ids;
  const problems: readonly Problem[] = [
    ...(tooMany
      ? [
          {
            where: "tokenizer",
            problem: "has more ids than the model",
            expected: `at most ${ids}`,
            got: String(size),
          },
        ]
      : []),
    ...(kind === "tokenizer.json" ? lackingProblems(file) : []),
  ];
  return unlessProblems(problems, () => place);
}

/** What other programs need not be told, HuggingFace's does. */
const ofWordPiece = ["unk_token", "continuing_subword_prefix", "max_input_chars_per_word"];

function lackingProblems(file: Uint8Array): readonly Problem[] {
  const read = parseJsonBytes(file, "tokenizer.json");
  const model = E.isRight(read) && isJsonObject(read.right) ? read.right.model : undefined;
  if (!isJsonObject(model) || model.type !== "WordPiece") return [];
  return ofWordPiece
    .filter((name) => !Object.hasOwn(model, name))
    .map((name) => ({
      where: `tokenizer.json: model.${name}`,
      problem: "is missing, and HuggingFace's tokenizers do not read a WordPiece without it",
    }));
}

/** transformers would remove spaces before full stops of what it decodes. */
function settings(
  tokenizerClass: string,
  { max_position_embeddings: longest }: JsonObject,
): Uint8Array {
  const text = JSON.stringify(
    {
      tokenizer_class: tokenizerClass,
      clean_up_tokenization_spaces: false,
      model_max_length: longest,
    },
    null,
    2,
  );
  return new TextEncoder().encode(`${text}\n`);
}
