import type { ReformerParams } from "../../src/reformer/index.ts";
import { jit } from "../../src/transforms/index.ts";
import { plainLogits, type PlainOptions } from "../plain/network.ts";
import { countIn, hits, rateOfHits, type CountHits } from "./accuracy.ts";
import { evaluatedWith, modelOf, nameOf, type CopySettings } from "./settings.ts";
import { evaluationKeys } from "./train.ts";

/** What takes the meaning out of hashing, to see that the verdict notices: every token gets another one's bucket. */
export type Fault = "random buckets";

/**
 * Two ways in which an evaluation may not match the training, tried on full attention: it lets tokens see themselves, as attention
 * with separate keys does, or divides the products with unit keys by the root of their width once more.
 */
export const mismatches = {
  "no self mask": () => ({ selfMask: false, scale: 1 }),
  "scaled logits": ({ headWidth }) => ({ selfMask: true, scale: 1 / Math.sqrt(headWidth) }),
} as const satisfies Readonly<
  Record<string, (model: { readonly headWidth: number }) => PlainOptions>
>;

export type Mismatch = keyof typeof mismatches;
export const mismatchNames = Object.keys(mismatches) as readonly Mismatch[];

/** Rates of right symbols, from 0 to 1, by the attention of the evaluation: a row of the table. */
export async function evaluateCopy(
  settings: CopySettings,
  params: ReformerParams,
  fault?: Fault,
): Promise<Readonly<Record<string, number>>> {
  const look = { settings, keys: evaluationKeys, count: settings.evaluated };
  const ablation = fault === "random buckets" ? "lsh-buckets" : undefined;
  const rows: (readonly [string, CountHits])[] = [
    ...evaluatedWith.map(
      (attention) => [nameOf(attention), hits(modelOf(settings, attention), { ablation })] as const,
    ),
    ...mismatchNames.map((name) => [name, mismatched(settings, name)] as const),
  ];
  const rates: Record<string, number> = {};
  for (const [name, count] of rows) rates[name] = await rateOfHits(count, params, look);
  return rates;
}

function mismatched(settings: CopySettings, name: Mismatch): CountHits {
  const model = modelOf(settings, "full");
  const options = mismatches[name](model);
  return jit(
    countIn((params, tokens) => plainLogits(model, params, tokens, options)),
    { name: "mismatchedHits" },
  );
}
