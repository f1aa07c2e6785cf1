import { checkKind } from "../../core/arguments.ts";
import { attentionBlock, type AttentionBlockOptions } from "../blocks/attention-block.ts";
import type { AttentionKind, HeadOptions } from "../attention/head-options.ts";
import { conventions, type Conventions } from "../attention/conventions.ts";
import { checkConfig } from "./check-config.ts";
import type { ReformerConfig } from "./config.ts";
import { keysOf } from "./head-keys.ts";
import { feedForwardBlock } from "../blocks/feed-forward-block.ts";
import { weighted, type Weights } from "../blocks/weighted-block.ts";
import { oncePer } from "../once-per.ts";
import { allRows } from "../row-chunks.ts";
import { residual } from "../stack/residual.ts";
import { reversible, type ReversibleLayer, type StackFunction } from "../stack/reversible.ts";

/** Whether dropout and the training number of rounds apply. */
export type Mode = "training" | "evaluation";

/** The conventions of a configuration, with its own epsilon if it has one. */
export function conventionsOf({
  conventions: name,
  normEpsilon,
  lsh,
}: ReformerConfig): Conventions {
  const chosen = conventions[name];
  const { sameBucket = chosen.sameBucket, duplicates = chosen.duplicates } = lsh;
  const { circular = chosen.circular } = lsh;
  return {
    ...chosen,
    sameBucket,
    duplicates,
    circular,
    normEpsilon: normEpsilon ?? chosen.normEpsilon,
  };
}

/** Whether no token's result depends on a later one. */
export const isCausal = ({ mask = "causal" }: Pick<ReformerConfig, "mask">): boolean =>
  mask === "causal";

/** The layers of a configuration in a mode, and the function that they are together. */
export interface ModelStack {
  readonly layers: readonly ReversibleLayer[];
  readonly run: StackFunction;
}

const stacks: Readonly<Record<Mode, (config: ReformerConfig) => ModelStack>> = {
  training: oncePer((config) => makeStack(config, "training")),
  evaluation: oncePer((config) => makeStack(config, "evaluation")),
};

/** Layers as one function: invertible, or the ordinary residual network that a configuration may ask for. */
export const joinLayers = (
  { reversible: kind }: Pick<ReformerConfig, "reversible">,
  layers: readonly ReversibleLayer[],
): StackFunction => (kind === "none" ? residual(layers) : reversible(layers));

/** Made once for every configuration object. */
export const stackOf = (config: ReformerConfig, mode: Mode): ModelStack => stacks[mode](config);

/** The layers of a configuration in a mode: half-blocks `f`, attention, and `g`, feed-forward. */
export const buildLayers = (config: ReformerConfig, mode: Mode): readonly ReversibleLayer[] => {
  checkConfig(config, "buildLayers");
  checkKind(mode, ["training", "evaluation"], "mode", "buildLayers");
  return stackOf(config, mode).layers;
};

/** Layers of one kind are the same object, so that they compile once. */
function makeStack(config: ReformerConfig, mode: Mode): ModelStack {
  const dropout = mode === "training" ? config.dropout : 0;
  const rowChunk = config.feedForwardChunk ?? allRows;
  const weights = weightsOf(config, mode);
  const g = feedForwardBlock({
    norm: config.residual?.norm,
    chunk: rowChunk,
    activation: config.activation,
    ...config.feedForward,
    dropout,
    normEpsilon: conventionsOf(config).normEpsilon,
  });
  const feedForward = weighted(g, weights);
  const kinds = [...new Set(config.layers)];
  const byKind = new Map(
    kinds.map((kind) => {
      const f = attentionBlock(attentionBlockOptions(config, kind, mode));
      const layer: ReversibleLayer = [
        { name: "f", block: weighted(f, weights) },
        { name: "g", block: feedForward },
      ];
      return [kind, layer] as const;
    }),
  );
  const layers = config.layers.flatMap((kind) => {
    const layer = byKind.get(kind);
    return layer ? [layer] : [];
  });
  return { layers, run: joinLayers(config, layers) };
}

/** How what half-blocks add is weighted. */
export const weightsOf = ({ residual: given }: ReformerConfig, mode: Mode): Weights => ({
  gain: given?.gain ?? false,
  droppable: mode === "training" && (given?.layerDropout ?? 0) > 0,
});

/** What the attention half-blocks of a kind are made with. */
export const attentionBlockOptions = (
  config: ReformerConfig,
  kind: AttentionKind,
  mode: Mode,
): AttentionBlockOptions => ({
  ...headOptions(config, kind, mode),
  ...headVariants(config, kind),
  heads: config.heads,
  outputDropout: mode === "training" ? config.dropout : 0,
  norm: config.residual?.norm,
  rowChunk: config.feedForwardChunk ?? allRows,
});

/** How the heads of a layer of this kind attend. */
export function headOptions(config: ReformerConfig, kind: AttentionKind, mode: Mode): HeadOptions {
  const window = kind === "local" ? config.local : config.lsh;
  const { buckets } = config.lsh;
  const keep =
    mode === "training" && config.attentionDropout > 0 ? 1 - config.attentionDropout : null;
  return {
    kind,
    causal: isCausal(config),
    ...keysOf(config, kind),
    chunkLength: window.chunk,
    before: window.before,
    after: window.after,
    buckets: typeof buckets === "number" ? [buckets] : buckets,
    powersUpTo: config.lsh.powersUpTo,
    centred: kind === "lsh" && (config.lsh.centred ?? false),
    ...(kind === "lsh" && hashingOptions(config, mode)),
    ...(config.attention?.maskedQueries && { maskedQueries: config.attention.maskedQueries }),
    keepProbability: keep,
    conventions: conventionsOf(config),
  };
}

/** How lsh layers hash beside the plainest way. */
function hashingOptions({ lsh }: ReformerConfig, mode: Mode): Partial<HeadOptions> {
  const { bestBuckets, hashMasked, hashDropout = 0, wholeUpTo } = lsh;
  return {
    ...(bestBuckets && { bestBuckets }),
    ...(hashMasked && { hashMasked }),
    ...(hashDropout > 0 && mode === "training" && { hashDropout }),
    ...(wholeUpTo !== undefined && { wholeUpTo }),
  };
}

/** What the heads of a layer have beside the plainest. */
function headVariants(
  { attention = {}, local: { chunk, before, after } }: ReformerConfig,
  kind: AttentionKind,
): Pick<AttentionBlockOptions, "rotaryBase" | "localHeads"> {
  const { rotaryBase, rotaryLayers = ["lsh"], localHeads = 0 } = attention;
  const window = { chunkLength: chunk, before, after, queryKey: "shared" } as const;
  return {
    ...(rotaryLayers.includes(kind) && rotaryBase !== undefined && { rotaryBase }),
    ...(kind !== "local" && localHeads > 0 && { localHeads: { heads: localHeads, ...window } }),
  };
}
