import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Json } from "../../edge/json.ts";
import { unlessProblems, within, type Problem, type Validated } from "../../edge/problem.ts";
import type { encoderDecoder, ReformerConfig } from "../../reformer/index.ts";
import { completeConfig } from "../../reformer/models/encoder-decoder/complete-config.ts";

/** What our encoder-decoders have one field for. */
const common = [
  "heads",
  "headWidth",
  "feedForwardWidth",
  "feedForward",
  "residual",
  "attention",
] as const;

/** Encoder and decoder as one configuration, or what of it differs between them. */
export function joined(
  enc: ReformerConfig,
  { residual, ...dec }: ReformerConfig,
): Validated<encoderDecoder.EncoderDecoderConfig> {
  const problems = common.flatMap((field): readonly Problem[] => {
    const [got, expected] = [enc, { residual, ...dec }].map((one) => textOf(one[field]));
    const problem = "has no counterpart here: it is not the decoder's";
    return got === expected
      ? []
      : [{ where: `options: ${field} of the encoder`, problem, expected, got }];
  });
  const { layers, positions, local, lsh, vocabulary } = enc;
  const isPlain = residual?.norm === "layer" && !residual.gain;
  const values = {
    ...dec,
    ...(!isPlain && { residual }),
    encoder: { layers, positions, local, lsh, vocabulary },
    cross: "keys",
  };
  return pipe(
    unlessProblems(problems, () => values as unknown as Json),
    E.chain((complete) =>
      within("options, as a configuration of ours: ")(completeConfig(complete)),
    ),
  );
}

/** What masked tokens attend to makes no difference to others. */
const textOf = (field: unknown): string =>
  JSON.stringify(field, (name, value: unknown) => (name === "maskedQueries" ? undefined : value));
