import { oneOf, optional, struct, type Decoded, type WithOptional } from "../../../edge/decoder.ts";
import type { Problem } from "../../../edge/problem.ts";
import { reformerFields, vocabularySize, type ReformerFields } from "../config-fields.ts";
import { reformerProblems } from "../config-problems.ts";

const { layers, positions, local, lsh } = reformerFields;

/** What the configuration of an encoder-decoder holds, but for its chunks of rows. */
export const encoderDecoderFields = {
  ...reformerFields,
  /** What differs in the encoder. */
  encoder: struct({
    layers,
    positions: optional(positions),
    local: optional(local),
    lsh: optional(lsh),
    vocabulary: optional(vocabularySize),
  }),
  /** How the decoder reads the encoder's result. */
  cross: optional(oneOf("attention", "keys")),
};

type EncoderFields = WithOptional<Decoded<typeof encoderDecoderFields.encoder>>;

/** A configuration whose values are right one by one. */
export interface EncoderDecoderFields extends ReformerFields {
  readonly encoder: EncoderFields;
  readonly cross?: "attention" | "keys";
}

/** Parts that do not fit together, in the decoder or the encoder. */
export const encoderDecoderProblems = ({
  encoder,
  cross,
  ...decoder
}: EncoderDecoderFields): readonly Problem[] => [
  ...(cross === "keys" && decoder.layers.every((kind) => kind === "local")
    ? [
        {
          where: "cross",
          problem: '"keys" are seen by lsh and full layers only, and the decoder has none',
          expected: '"attention", or a layer that is not local',
          got: '"keys"',
        },
      ]
    : []),
  ...reformerProblems(decoder),
  ...reformerProblems({ ...decoder, ...encoder, tiedEmbedding: false })
    .filter(({ where }) => Object.hasOwn(encoder, where.split(".")[0]))
    .map((found) => ({ ...found, where: `encoder.${found.where}` })),
  ...(decoder.residual === undefined
    ? []
    : [
        {
          where: "residual",
          problem: "is not for encoder-decoders, whose half-blocks have layer norms and no gains",
          expected: "no such key",
          got: JSON.stringify(decoder.residual),
        },
      ]),
  ...(decoder.mask === "causal"
    ? []
    : [
        {
          where: "mask",
          problem: "lets the decoder see the tokens that it is to predict",
          expected: '"causal"; the encoder sees all of its text anyway',
          got: JSON.stringify(decoder.mask),
        },
      ]),
];
