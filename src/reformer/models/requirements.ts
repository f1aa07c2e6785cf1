import { ReformaxError } from "../../core/errors.ts";
import type { ReformerConfig } from "./config.ts";
import { hasEncoder, readsByKeys } from "./encoder-decoder/config.ts";
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

/** Throws where an ordinary residual network is asked for what only a reverse sweep can do. */
export function requireReversible({ reversible }: ReformerConfig, where: string): void {
  if (reversible !== "none") return;
  throw new ReformaxError("an ordinary residual network has no reverse sweep to update layers in", {
    where,
    expected: 'a configuration with reversible "exact" or "float"',
    got: '"none"',
    fix: "Differentiate `loss` with valueAndGrad and apply the optimiser's updates afterwards.",
  });
}

/** Throws where a model that sees only what is before it is asked for hidden tokens: half of what tells them is behind. */
export function requireFull(config: ReformerConfig, where: string): void {
  if (!isCausal(config)) return;
  throw new ReformaxError("a model that sees only earlier tokens is asked for hidden ones", {
    where,
    expected: 'a configuration with the mask "full"',
    got: 'the mask "causal"',
    fix: "reformerConfig takes it as `mask`.",
  });
}

/** Whether a cache of the tokens so far knows all that layers read: another text's keys are hashed with the text, each time anew. */
export const isCacheable = (config: ReformerConfig): boolean =>
  !(hasEncoder(config) && readsByKeys(config));

/** Throws unless a model {@link isCacheable}. */
export function requireCacheable(config: ReformerConfig, where: string): void {
  if (isCacheable(config)) return;
  throw new ReformaxError("such layers have no cache", {
    where,
    expected: "a configuration without another text's keys",
    got: 'cross: "keys"',
    fix: "logits gives those of the next token from the whole text.",
  });
}
