import { inputError } from "../edge/problem.ts";
import { tokenDecoder, type Tokenizer } from "../interop/index.ts";
import type { GenerateOptions } from "../training/index.ts";
import type { LoadedModel } from "./load-model.ts";

/** Prompts as tokens, and what makes bytes of the tokens behind them. */
export interface Prompted {
  readonly beginnings: readonly (Uint8Array | Uint16Array)[];
  readonly decoder: GenerateOptions["decoder"];
}

/** Bytes as they are, or ids by the model's tokenizer. */
export function prompted(
  { config, model, tokenizer }: LoadedModel,
  prompts: readonly string[],
): Prompted {
  if (tokenizer) return byTokenizer(tokenizer, model.vocabulary, prompts);
  if (config.data.tokens === "bytes") {
    const encoder = new TextEncoder();
    return { beginnings: prompts.map((prompt) => encoder.encode(prompt)), decoder: undefined };
  }
  throw inputError({
    where: "--checkpoint",
    problem: "this model writes ids of a vocabulary, and nothing says which text they are",
    expected: "a model of bytes, or one that was trained with --tokenizer",
    got: `${model.vocabulary} ids (data.tokens is ${config.data.tokens})`,
    fix: "Name the tokenizer that has made these ids with --tokenizer.",
  });
}

function byTokenizer(
  tokenizer: Tokenizer,
  vocabulary: number,
  prompts: readonly string[],
): Prompted {
  if (tokenizer.size > vocabulary) {
    throw inputError({
      where: "--tokenizer",
      problem: "has more ids than the model",
      expected: `at most ${vocabulary}`,
      got: String(tokenizer.size),
    });
  }
  const beginnings = prompts.map((prompt) => encodePrompt(tokenizer, prompt));
  return { beginnings, decoder: () => tokenDecoder(tokenizer, beginnings[0].subarray(-1)) };
}

/** Texts begin as a new line does. */
function encodePrompt(tokenizer: Tokenizer, prompt: string): Uint16Array {
  const ids = tokenizer.encode(prompt === "" ? "\n" : prompt);
  if (ids.length > 0) return ids;
  throw inputError({
    where: "--prompt",
    problem: "the tokenizer makes no ids of this text, so that there is nothing to continue",
    got: JSON.stringify(prompt),
    fix: 'Name a prompt, as in --prompt "The ".',
  });
}
