/** Language models whose layers see several tokens as one: `shortened.config`, `shortened.init`, `shortened.loss` and what goes with them. */
export { config, type ShortenedConfig, type ShorteningConfig } from "./config.ts";
export { init, parameterCount, type ShortenedParams } from "./params.ts";
export type { ShortenedOptions } from "./passes.ts";
export { logits, loss, tokenLosses, type ShortenedLoss, type ShortenedLosses } from "./outputs.ts";
