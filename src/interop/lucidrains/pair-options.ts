import type { JsonObject } from "../../edge/json.ts";
import type { Problem } from "../../edge/problem.ts";
import { moduleOptions } from "./module-options.ts";

/** Of both models of an encoder-decoder. */
export interface PairOptions {
  readonly enc: JsonObject;
  readonly dec: JsonObject;
}

/** The options of both models from those of lucidrains' ReformerEncDec, with what it makes of them. */
export function pairOptions(given: JsonObject): PairOptions {
  const own = (prefix: string): JsonObject =>
    Object.fromEntries(
      Object.entries(given).flatMap(([option, value]) =>
        option.startsWith(prefix) ? [[option.slice(prefix.length), value]] : [],
      ),
    );
  const bucket = moduleOptions(given).number("enc_bucket_size", 64);
  const { dim } = given;
  return {
    enc: { bucket_size: bucket, ...own("enc_"), dim },
    dec: { bucket_size: 2 * bucket, ...own("dec_"), causal: true, dim },
  };
}

/** What neither model has: of the loss, which do not matter, and unknown ones; and an encoder that does not see all. */
export function otherProblems(given: JsonObject): readonly Problem[] {
  const known = /^(enc_.*|dec_.*|dim|ignore_index|pad_value)$/;
  return [
    ...Object.keys(given)
      .filter((name) => !known.test(name))
      .map((name) => ({
        where: `options: ${name}`,
        problem: "unknown key",
        expected: "enc_..., dec_... or dim",
      })),
    ...(given.enc_causal === true
      ? [
          {
            where: "options: enc_causal",
            problem: "has no counterpart here",
            expected: "an encoder that sees all of its text",
            got: "true",
          },
        ]
      : []),
  ];
}
