import { checkKind } from "../../core/arguments.ts";
import { attentionBlock, type AttentionBlockOptions } from "../blocks/attention-block.ts";
import type { AttentionKind, HeadOptions } from "../attention/head-options.ts";
import { conventions, type Conventions } from "../attention/conventions.ts";
import { checkConfig } from "./check-config.ts";
import type { ReformerConfig } from "./config.ts";
import { keysOf } from "./head-keys.ts";
import type { HalfBlock } from "../blocks/half-block.ts";
import { normalize } from "../blocks/norm.ts";
import type { MixUnits } from "../blocks/recurrent-block.ts";
import { normAfter, normOf } from "../blocks/norm-after.ts";
import { weighted } from "../blocks/weighted-block.ts";
import { feedForwardHalf, formOf, type FeedForwardForm } from "./feed-forward-form.ts";
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
export function joinLayers(
  config: ReformerConfig,
  layers: readonly ReversibleLayer[],
): StackFunction {
  return config.reversible === "none" ? ordinary(config, layers) : reversible(layers);
}

/** The ordinary residual network; norms that come after are of the whole stream there. */
export function ordinary(
  config: ReformerConfig,
  layers: readonly ReversibleLayer[],
): StackFunction {
  if (!normsAfter(config)) return residual(layers);
  const { normEpsilon } = conventionsOf(config);
  const kind = config.residual?.norm ?? "layer";
  return residual(layers, {
    after: (stream, params, block) => normalize(kind, normOf(block, params), stream, normEpsilon),
  });
}

const normsAfter = ({ residual: given }: ReformerConfig): boolean => given?.normAt === "after";

/** What half-blocks themselves do to their input. */
const innerNorm = (config: ReformerConfig) => (normsAfter(config) ? "none" : config.residual?.norm);

/** A half-block as the streams meet it: weighted, and with a norm of what it adds where it has none of its input. */
export function dressed(config: ReformerConfig, mode: Mode, block: HalfBlock): HalfBlock {
  const given = config.residual ?? {};
  if (normsAfter(config)) {
    if (config.reversible === "none") return block;
    return normAfter(block, given.norm ?? "layer", conventionsOf(config).normEpsilon);
  }
  return weighted(block, {
    gain: given.gain ?? false,
    droppable: mode === "training" && (given.layerDropout ?? 0) > 0,
  });
}

/** Made once for every configuration object. */
export const stackOf = (config: ReformerConfig, mode: Mode): ModelStack => stacks[mode](config);

/** The layers of a configuration in a mode: half-blocks `f`, attention, and `g`, feed-forward. */
export const buildLayers = (config: ReformerConfig, mode: Mode): readonly ReversibleLayer[] => {
  checkConfig(config, "buildLayers");
  checkKind(mode, ["training", "evaluation"], "mode", "buildLayers");
  return stackOf(config, mode).layers;
};

/** Half-blocks of one kind are the same object, and so are layers, so that they compile once. */
function makeStack(config: ReformerConfig, mode: Mode): ModelStack {
  const attention = new Map<AttentionKind, HalfBlock>();
  const feedForward = new Map<FeedForwardForm, HalfBlock>();
  const known = new Map<string, ReversibleLayer>();
  const layers = config.layers.map((kind, i): ReversibleLayer => {
    const form = formOf(config, i);
    const f = once(attention, kind, () =>
      dressed(config, mode, attentionBlock(attentionBlockOptions(config, kind, mode))),
    );
    const g = once(feedForward, form, () =>
      dressed(config, mode, feedForwardOf(config, form, mode)),
    );
    return once(known, `${kind} ${form}`, () => [
      { name: "f", block: f },
      { name: "g", block: g },
    ]);
  });
  return { layers, run: joinLayers(config, layers) };
}

const feedForwardOf = (
  config: ReformerConfig,
  form: FeedForwardForm,
  mode: Mode,
  mixUnits?: MixUnits,
): HalfBlock => {
  const options = {
    norm: innerNorm(config),
    chunk: config.feedForwardChunk ?? allRows,
    activation: config.activation,
    dropout: mode === "training" ? config.dropout : 0,
    normEpsilon: conventionsOf(config).normEpsilon,
  };
  return feedForwardHalf(config, form, options, mixUnits);
};

/** The half-block of layers with recurrent units, which mix what they read in this way. */
export const recurrentHalf = (config: ReformerConfig, mode: Mode, mixUnits: MixUnits): HalfBlock =>
  dressed(config, mode, feedForwardOf(config, "recurrent", mode, mixUnits));

/** What stands under the key, or else what is made now. */
function once<Key, Made>(known: Map<Key, Made>, key: Key, make: () => Made): Made {
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
}

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
  norm: innerNorm(config),
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
