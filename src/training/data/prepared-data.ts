import type { ReformerConfig } from "../../reformer/models/config.ts";
import type { TrainConfig } from "../config/train-config.ts";
import type { DataParts } from "../task/kind.ts";
import type { Tokens } from "./tokens.ts";

/** What a run learns from and is measured on, with the configuration that names these ranges. */
export interface PreparedData<Config extends TextRun = TrainConfig> {
  readonly config: Config;
  readonly data: MeasuredTokens & { readonly validation: Tokens };
  /** Both as they are in the data. */
  readonly parts: DataParts;
}

/** Tokens to learn, and to be measured on. */
export interface MeasuredTokens {
  readonly train: Tokens;
  /** Without them nothing is measured. */
  readonly validation?: Tokens;
  /** Bytes of the text that the validation tokens are, where they are ids of a text: what is measured is told for these too. */
  readonly validationBytes?: number;
}

/** What a configuration says of a text. */
export type TextRun = Pick<TrainConfig, "data" | "training"> & {
  readonly model: Pick<ReformerConfig, "vocabulary">;
};
