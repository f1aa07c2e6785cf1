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
    length: 4096,
    steps: 20_000,
    rate: 1e-3,
    warmup: 1000,
    chunk: 64,
    lookEvery: 500,
    validated: 65_536,
  },
};

export const roundCounts = [1, 2, 4, 8] as const;

/** Everything is found by hashing: no layer sees neighbours as such. */
const hashing = (rounds: number): Variant => ({
  name: `LSH-${rounds}`,
  model: { layers: ["lsh", "lsh"], lsh: { rounds } },
});

export const hashed: readonly Variant[] = roundCounts.map(hashing);
export const full: Variant = { name: "full", model: { layers: ["full", "full"] } };
export const variants: readonly Variant[] = [...hashed, full];
