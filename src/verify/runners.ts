import { huggingFaceAttention } from "./attention-runners.ts";
import { huggingFaceModel } from "./huggingface/model-runner.ts";
import { lucidrainsAttention } from "./lucidrains/attention.ts";
import { lucidrainsAxial } from "./lucidrains/axial.ts";
import { lucidrainsEncoderDecoder } from "./lucidrains/encoder-decoder.ts";
import { lucidrainsLanguageModel } from "./lucidrains/model.ts";
import { lucidrainsSelfAttention } from "./lucidrains/self-attention.ts";
import type { CaseRunner } from "./case.ts";
import { huggingFaceAxial, huggingFaceLayer, huggingFaceLayerAlone } from "./model-runners.ts";

/** Our side of the comparisons: one runner for each kind of case that we can compute. */
export const goldenRunners: readonly CaseRunner[] = [
  huggingFaceAttention,
  huggingFaceAxial,
  huggingFaceLayer,
  huggingFaceLayerAlone,
  huggingFaceModel,
  lucidrainsAttention,
  lucidrainsAxial,
  lucidrainsSelfAttention,
  lucidrainsLanguageModel,
  lucidrainsEncoderDecoder,
];
