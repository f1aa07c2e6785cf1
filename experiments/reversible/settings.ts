import type { Reversibility } from "../../src/reformer/index.ts";
import type { Size } from "../frame/experiment.ts";
import type { LanguageSettings, Variant } from "../language/settings.ts";

const small: LanguageSettings = {
  width: 128,
  heads: 4,
  length: 256,
  batch: 8,
  steps: 300,
  rate: 3e-3,
  warmup: 30,
  chunk: 16,
  lookEvery: 50,
  validated: 16_384,
};

export const settingsOf: Readonly<Record<Size, LanguageSettings>> = {
  smallest: {
    ...small,
    width: 16,
    heads: 2,
    length: 32,
    batch: 2,
    steps: 2,
    warmup: 1,
    chunk: 8,
    lookEvery: 1,
    validated: 64,
  },
  default: small,
  full: {
    ...small,
    width: 512,
    heads: 8,
    length: 2048,
    steps: 50_000,
    rate: 1e-3,
    warmup: 2000,
    lookEvery: 500,
    validated: 65_536,
  },
};

/** A Transformer of four layers: full attention, keys of their own. */
const transformer = (name: string, reversible: Reversibility): Variant => ({
  name,
  model: {
    layers: ["full", "full", "full", "full"],
    full: { queryKey: "separate" },
    reversible,
  },
});

export const ordinary = transformer("ordinary", "none");
export const reversibleOne = transformer("reversible", "exact");
export const variants: readonly Variant[] = [ordinary, reversibleOne];
