import { checkKind, checkText } from "../../core/arguments.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** A tokenizer for callers whose types nobody checked. */
export const checkedTokenizer = (tokenizer: Tokenizer): Tokenizer => {
  const { encode, decode, encodeBytes } = tokenizer;
  return {
    ...tokenizer,
    encode: (text) => encode(checkText(text, "text", "encode")),
    decode: (ids) => decode(checkIds(ids, "decode")),
    ...(encodeBytes && {
      encodeBytes: (bytes) => encodeBytes(checkKind(bytes, "bytes", "the bytes", "encodeBytes")),
    }),
  };
};

/** Whole numbers, however they are listed. */
export function checkIds(ids: Iterable<number>, where: string): Iterable<number> {
  const given: unknown = ids;
  const isIterable = typeof given === "object" && given !== null && Symbol.iterator in given;
  const list: readonly unknown[] = isIterable ? Array.from(ids) : [given];
  const wrong = list.find((id) => !(typeof id === "number" && Number.isInteger(id) && id >= 0));
  if (isIterable && wrong === undefined && !list.includes(undefined)) return ids;
  throw new ReformaxError("ids is no list of ids", {
    where,
    expected: "integers of 0 or more, in a list or an array of integers",
    got: describeArgument(isIterable ? wrong : given),
  });
}
