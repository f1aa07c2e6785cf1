import { attentionBlock } from "../blocks/attention-block.ts";
import type { AttentionKind, HeadOptions } from "../attention/head-options.ts";
import { conventions, type Conventions } from "../attention/conventions.ts";
import type { ReformerConfig } from "./config.ts";
import { feedForwardBlock } from "../blocks/feed-forward-block.ts";
import type { ReversibleLayer } from "../stack/reversible.ts";
import { allRows } from "../row-chunks.ts";

/** Whether dropout and the training number of rounds apply. */
export type Mode = "training" | "evaluation";

/** The conventions of a configuration, with its own epsilon if it has one. */
export function conventionsOf({ conventions: name, normEpsilon }: ReformerConfig): Conventions {
  const chosen = conventions[name];
  return normEpsilon === null ? chosen : { ...chosen, normEpsilon };
}

/** Layers of one kind are the same object, so that they compile once. Memoised per configuration. */
const layersOf = new WeakMap<ReformerConfig, Map<Mode, readonly ReversibleLayer[]>>();

/** The layers of a configuration in a mode. */
export function buildLayers(config: ReformerConfig, mode: Mode): readonly ReversibleLayer[] {
  const modes = layersOf.get(config) ?? new Map<Mode, readonly ReversibleLayer[]>();
  layersOf.set(config, modes);
  const known = modes.get(mode);
  if (known) return known;
  const dropout = mode === "training" ? config.dropout : 0;
  const rowChunk = config.feedForwardChunk ?? allRows;
  const g = feedForwardBlock({
    chunk: rowChunk,
    activation: config.activation,
    dropout,
    normEpsilon: conventionsOf(config).normEpsilon,
  });
  const kinds = [...new Set(config.layers)];
  const byKind = new Map(
    kinds.map((kind) => {
      const f = attentionBlock({
        ...headOptions(config, kind, mode),
        heads: config.heads,
        outputDropout: dropout,
        rowChunk,
      });
      return [kind, { f, g }] as const;
    }),
  );
  const layers = config.layers.flatMap((kind) => byKind.get(kind) ?? []);
  modes.set(mode, layers);
  return layers;
}

/** How the heads of a layer of this kind attend. */
export function headOptions(config: ReformerConfig, kind: AttentionKind, mode: Mode): HeadOptions {
  const window = kind === "local" ? config.local : config.lsh;
  const { buckets } = config.lsh;
  const keep =
    mode === "training" && config.attentionDropout > 0 ? 1 - config.attentionDropout : null;
  return {
    kind,
    causal: true,
    chunkLength: window.chunk,
    before: window.before,
    after: window.after,
    buckets: typeof buckets === "number" ? [buckets] : buckets,
    centred: kind === "lsh" && (config.lsh.centred ?? false),
    keepProbability: keep,
    conventions: conventionsOf(config),
  };
}
