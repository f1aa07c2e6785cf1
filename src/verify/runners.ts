import { huggingFaceAttention } from "./attention-runners.ts";
import { lucidrainsAttention } from "./lucidrains/attention.ts";
import { lucidrainsAxial } from "./lucidrains/axial.ts";
import type { CaseRunner } from "./case.ts";
import { huggingFaceAxial, huggingFaceLanguageModel, huggingFaceLayer } from "./model-runners.ts";

/** Our side of the comparisons: one runner for each kind of case that we can compute. */
export const goldenRunners: readonly CaseRunner[] = [
  huggingFaceAttention,
  huggingFaceAxial,
  huggingFaceLayer,
  huggingFaceLanguageModel,
  lucidrainsAttention,
  lucidrainsAxial,
];
