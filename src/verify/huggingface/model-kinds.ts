import type { HeadKind } from "../../interop/huggingface/weights.ts";

/** What a class of models is given to learn, and answers. */
interface ModelKind {
  readonly head: HeadKind;
  readonly outputs: readonly string[];
  readonly targets: readonly string[];
}

/** HuggingFace's models. */
export const modelKinds = {
  "hf/ReformerModel": { head: "none", outputs: ["last_hidden_state"], targets: [] },
  "hf/ReformerModelWithLMHead": { head: "tokens", outputs: ["logits"], targets: ["input.labels"] },
  "hf/ReformerForMaskedLM": { head: "tokens", outputs: ["logits"], targets: ["input.labels"] },
  "hf/ReformerForSequenceClassification": {
    head: "classes",
    outputs: ["logits"],
    targets: ["input.labels"],
  },
  "hf/ReformerForQuestionAnswering": {
    head: "spans",
    outputs: ["start_logits", "end_logits"],
    targets: ["input.start_positions", "input.end_positions"],
  },
} as const satisfies Readonly<Record<string, ModelKind>>;

export type ModelName = keyof typeof modelKinds;

export const isModelKind = (kind: string): kind is ModelName => Object.hasOwn(modelKinds, kind);
