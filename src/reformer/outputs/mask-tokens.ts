import { checkNumber, checkOptions } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import { checkArray } from "../../core/check-array.ts";
import type { Value } from "../../core/value.ts";
import { fullLike, less, logicalAnd, notEqual, where as choose } from "../../numpy/index.ts";
import { requireKey } from "../../random/key.ts";
import { randint, split, uniform } from "../../random/index.ts";

export interface MaskOptions {
  /** The token that stands for a hidden one. */
  readonly maskToken: number;
  /** Random tokens are drawn from those below this number. */
  readonly vocabulary: number;
  /** Share of tokens that are to be found again; 0.15 when absent. */
  readonly rate?: number;
  /** Share of these that become the mask; 0.8 when absent. */
  readonly masked?: number;
  /** Share of these that become a random token; 0.1 when absent. The others stay as they are. */
  readonly random?: number;
  /** 1 where a token may be chosen, i32 of the tokens' shape: not padding, not tokens with a meaning of their own. */
  readonly valid?: Value | null;
}

export interface MaskedTokens {
  /** The tokens with some hidden, i32. */
  readonly inputs: Value;
  /** The tokens that were chosen, -1 elsewhere: i32. */
  readonly targets: Value;
}

const name = "maskTokens";

/**
 * Tokens i32[...] as a masked language model learns from them. Each is chosen by itself; of the chosen ones 80 % become the
 * mask, 10 % a random token, and 10 % stay, so that the model has to know all of them. Equal keys choose equally; only the
 * numbers of the key decide. Devlin et al. 2019, section 3.1.
 *
 * @param key - u32[2]; a new one for every step
 * @throws ReformaxError for shares outside of 0 to 1, or that add up to more
 * @example
 * import { full } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { maskTokens } from "reformax/reformer";
 * const tokens = full([1, 1000], 7, "i32");
 * const { inputs, targets } = maskTokens(key(0), tokens, { maskToken: 9, vocabulary: 9 });
 * const chosen = targets.dataSync().filter((target) => target === 7).length;
 * const hidden = inputs.dataSync().filter((token) => token === 9).length;
 * console.log(chosen > 100 && chosen < 200, hidden > 0.7 * chosen && hidden < 0.9 * chosen); // => true true
 */
export function maskTokens(key: Value, tokens: Value, options: MaskOptions): MaskedTokens {
  const { maskToken, vocabulary, rate = 0.15, masked = 0.8, random = 0.1 } = checked(options);
  requireKey(key, name);
  checkArray(tokens, "i32", undefined, "tokens", name);
  if (options.valid) checkArray(options.valid, "i32", tokens.shape, "valid", name);
  const [forChoice, forKind, forRandom] = split(key, 3);
  const { shape } = tokens;
  const drawn = less(uniform(forChoice, shape), rate);
  const chosen = options.valid ? logicalAnd(drawn, notEqual(options.valid, 0)) : drawn;
  const kind = uniform(forKind, shape);
  const among = choose(
    less(kind, masked + random),
    randint(forRandom, shape, 0, vocabulary),
    tokens,
  );
  const hidden = choose(less(kind, masked), fullLike(tokens, maskToken), among);
  return {
    inputs: choose(chosen, hidden, tokens),
    targets: choose(chosen, tokens, fullLike(tokens, -1)),
  };
}

function checked(options: MaskOptions): MaskOptions {
  checkOptions(
    options,
    {
      maskToken: "count",
      vocabulary: "size",
      rate: "number",
      masked: "number",
      random: "number",
      valid: "arrayOrNull",
    },
    name,
  );
  checkNumber(options.maskToken, "the mask token", name, 0);
  checkNumber(options.vocabulary, "the vocabulary", name, 1);
  const { rate = 0.15, masked = 0.8, random = 0.1 } = options;
  for (const share of [rate, masked, random, masked + random]) {
    // What adds up to 1 may be a little more as a sum of floats.
    if (share >= 0 && share <= 1 + 1e-9) continue;
    throw new ReformaxError("a share is none", {
      where: name,
      expected: "rate, masked, random, and masked + random from 0 to 1",
      got: `rate ${rate}, masked ${masked}, random ${random}`,
    });
  }
  return options;
}
