import type { Reversibility } from "../../src/reformer/index.ts";
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
