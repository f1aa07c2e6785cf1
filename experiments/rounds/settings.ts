import type { Size } from "../frame/experiment.ts";
import {
  smallestText,
  smallText,
  type LanguageSettings,
  type Variant,
} from "../language/settings.ts";

export const settingsOf: Readonly<Record<Size, LanguageSettings>> = {
  smallest: smallestText,
  default: smallText,
  full: {
    ...smallText,
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
