import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Validated } from "../../edge/problem.ts";
import type { Tokenizer } from "../../interop/index.ts";
import type { PreparedData, TextRun } from "./prepared-data.ts";
import { characterBorder, encodeData } from "./encode-data.ts";
import { checkSplit, type Split, type TokenRange } from "./split.ts";

/**
 * A text in two parts, each of which is made ids by itself, so that what is validated on is exactly its bytes. Ranges count bytes, and begin
 * and end with characters.
 */
export function prepareText<Config extends TextRun>(
  config: Config,
  bytes: Uint8Array,
  split: Split,
  tokenizer: Tokenizer | undefined,
): Validated<PreparedData<Config>> {
  const { order } = config.data;
  const { length, validateBytes } = config.training;
  const named: Split = {
    train: withCharacters(bytes, split.train),
    validation: withCharacters(bytes, split.validation),
  };
  const anyBytes = order === "whole" ? bytes.length : 0;
  const encode = (part: Uint8Array): Validated<Uint16Array> =>
    encodeData(part, config.model.vocabulary, tokenizer);
  return pipe(
    checkSplit(named, bytes.length, { length: anyBytes, order, unit: "bytes" }),
    E.chain(({ train, validation }) => {
      const parts = { train: bytes.subarray(...train), validation: bytes.subarray(...validation) };
      const most = validateBytes ?? parts.validation.length;
      const measured = parts.validation.subarray(0, characterBorder(parts.validation, most));
      return pipe(
        encode(parts.train),
        E.chain((own) => E.map((held: Uint16Array) => ({ own, held }))(encode(measured))),
        E.chain(({ own, held }) =>
          pipe(
            checkSplit(counted(own, held), own.length + held.length, { length, order }),
            E.map(() => ({
              config: { ...config, data: { ...config.data, ...named } },
              data: { train: own, validation: held, validationBytes: measured.length },
              parts,
            })),
          ),
        ),
      );
    }),
  );
}

const withCharacters = (bytes: Uint8Array, [from, to]: TokenRange): TokenRange => [
  characterBorder(bytes, from),
  characterBorder(bytes, to),
];

const counted = (train: Uint16Array, validation: Uint16Array): Split => ({
  train: [0, train.length],
  validation: [train.length, train.length + validation.length],
});
