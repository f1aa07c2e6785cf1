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

/** What a cache of the tokens so far knows nothing of, by the names of the fields. */
export function uncacheable(config: ReformerConfig): readonly string[] {
  return Object.entries({
    "feedForward.recurrent": config.feedForward?.recurrent,
    cross: hasEncoder(config) && readsByKeys(config),
  }).flatMap(([name, value]) => (value ? [name] : []));
}

/** Throws where there is something {@link uncacheable}. */
export function requireCacheable(config: ReformerConfig, where: string): void {
  const found = uncacheable(config);
  if (found.length === 0) return;
  throw new ReformaxError("such layers have no cache", {
    where,
    expected: "a configuration without recurrent units and another text's keys",
    got: found.join(", "),
    fix: "logits gives those of the next token from the whole text.",
  });
}
