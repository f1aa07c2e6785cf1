import { ReformaxError } from "../../core/errors.ts";
import type { ReformerConfig } from "./config.ts";
import { isCausal } from "./layers.ts";

/** Throws where a model that sees the whole sequence is asked for the next token: it would look at the answer. */
export function requireCausal(config: ReformerConfig, where: string): void {
  if (isCausal(config)) return;
  throw new ReformaxError("a model that sees the next token cannot predict it", {
    where,
    expected: 'a configuration with the mask "causal"',
    got: 'the mask "full"',
    fix: "runStack gives the streams of a model that sees all tokens, for a loss of one's own.",
  });
}
