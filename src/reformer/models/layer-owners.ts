import type { ReformerConfig } from "./config.ts";
import { formOf } from "./feed-forward-form.ts";

/** For each layer the number of the one whose weights its halves have: its own where nothing is tied. */
export interface Owners {
  readonly f: readonly number[];
  readonly g: readonly number[];
}

/** What decides it. */
export type Tying = Pick<ReformerConfig, "layers" | "feedForward" | "tiedLayers">;

/** Tied layers have the weights of the first one of their kind. */
export function ownersOf(config: Tying): Owners {
  const { layers, tiedLayers } = config;
  const firstOf = (kinds: readonly string[], tied: boolean): readonly number[] =>
    kinds.map((kind, i) => (tied ? kinds.indexOf(kind) : i));
  const forms = layers.map((_, i) => formOf(config, i));
  return {
    f: firstOf(layers, tiedLayers === "both" || tiedLayers === "attention"),
    g: firstOf(forms, tiedLayers === "both" || tiedLayers === "feedForward"),
  };
}
