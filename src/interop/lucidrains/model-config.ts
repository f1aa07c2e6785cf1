import { ReformaxError } from "../../core/errors.ts";
import type { Shape } from "../../core/shape.ts";
import type { DeepPartial } from "../../edge/deep-partial.ts";
import { orThrow, type Validated } from "../../edge/problem.ts";
import type { PositionConfig, ReformerConfig } from "../../reformer/index.ts";
import { completeConfig } from "../../reformer/models/reformer-config.ts";
import { attentionShapes, headSizes } from "./attention-params.ts";
import { numbersOf, type ModuleOptions } from "./module-options.ts";

/** Head width of lucidrains' whole models where none is given. */
export const modelHeadWidth = 64;

/**
 * A configuration that computes what lucidrains' ReformerLM with these options does.
 *
 * @param full whether all layers attend to the whole text
 */
export const configFromOptions = (options: ModuleOptions, full: boolean): ReformerConfig =>
  orThrow(configOf(options, full));

/** {@link configFromOptions} as a value. */
export function configOf(options: ModuleOptions, full: boolean): Validated<ReformerConfig> {
  const { number, flag } = options;
  const { width, heads, headWidth } = headSizes(options, modelHeadWidth);
  const chunk = number("bucket_size", 64);
  const causal = flag("causal", false);
  const [localHeads, memory] = [number("n_local_attn_heads", 0), number("num_mem_kv", 0)];
  const positions = positionsOf(options);
  const values: DeepPartial<ReformerConfig> = {
    conventions: "lucidrains",
    vocabulary: number("num_tokens", 0),
    width,
    heads,
    headWidth,
    feedForwardWidth: width * number("ff_mult", 4),
    activation: "gelu",
    feedForward: { gated: flag("ff_glu", false) },
    residual: residualOf(options),
    layers: Array.from({ length: number("depth", 0) }, () => (full ? "full" : "lsh")),
    mask: causal ? "causal" : "full",
    local: { chunk: 2 * chunk, before: 1, after: causal ? 0 : 1 },
    lsh: { chunk, rounds: number("n_hashes", 4), hashMasked: true, wholeUpTo: 0 },
    attention: {
      ...(localHeads > 0 && { localHeads }),
      ...(memory > 0 && { memory }),
      oneValueHead: flag("one_value_head", false),
      outputBias: true,
      ...(positions.kind === "none" && { rotaryBase: 10000 }),
      maskedQueries: full ? "mean" : "self",
    },
    positions,
    reversible: "float",
  };
  return completeConfig(values);
}

/** A gain instead of a norm, or the norm that was chosen. */
const residualOf = ({ flag }: ModuleOptions): NonNullable<ReformerConfig["residual"]> => {
  if (flag("use_rezero", false)) return { norm: "none", gain: true };
  return { norm: flag("use_scale_norm", false) ? "scale" : "layer" };
};

/** Weights of what stands before a half-block, behind its prefix. */
export const residualShapes = (
  options: ModuleOptions,
  width: number,
): readonly (readonly [string, Shape])[] => {
  const { norm, gain } = residualOf(options);
  if (gain) return [["net.g", [1]]];
  if (norm === "scale") return [["net.norm.g", [1]]];
  return [
    ["net.norm.weight", [width]],
    ["net.norm.bias", [width]],
  ];
};

function positionsOf(options: ModuleOptions): PositionConfig {
  const { number, flag, given } = options;
  const longest = number("max_seq_len", 0);
  const width = number("dim", 0);
  if (flag("axial_position_emb", false)) {
    const bucket = number("bucket_size", 64);
    const sizes = numbersOf(given.axial_position_shape);
    const shape = sizes.length > 0 ? sizes : [Math.ceil(longest / bucket), bucket];
    return { kind: "axial", shape, widths: shape.map(() => width), combination: "sum" };
  }
  if (flag("absolute_position_emb", false)) return { kind: "learned", length: longest };
  if (flag("fixed_position_emb", false)) return { kind: "sinusoid", layout: "halves" };
  return { kind: "none" };
}

/** What the model's weights are named and shaped as: those that are trained, and other names of them and constants. */
export interface ModelWeights {
  readonly trained: ReadonlyMap<string, Shape>;
  readonly others: ReadonlyMap<string, Shape>;
}

/** @param output whether there is a layer that gives logits: an encoder has none */
export function modelWeights(
  options: ModuleOptions,
  config: ReformerConfig,
  output = true,
): ModelWeights {
  const { width, vocabulary, positions, headWidth } = config;
  const ends = new Map<string, Shape>([
    ["token_emb.weight", [vocabulary, width]],
    ["norm.weight", [width]],
    ["norm.bias", [width]],
    ...(output
      ? ([
          ["out.1.weight", [vocabulary, width]],
          ["out.1.bias", [vocabulary]],
        ] as const)
      : []),
    ...positionShapes(positions, width),
  ]);
  const constants = new Map<string, Shape>(
    positions.kind === "none"
      ? [["layer_pos_emb.inv_freq", [headWidth / 2]]]
      : positions.kind === "sinusoid"
        ? [["pos_emb.inv_freq", [width / 2]]]
        : [],
  );
  const tied = options.flag("weight_tie", false);
  const ofLayers = config.layers.flatMap((_, layer) =>
    layerShapes(options, config).map(([name, shape]) => ({ layer, name, shape })),
  );
  const isOwn = (layer: number, name: string): boolean =>
    !tied || layer === 0 || !name.includes(".fn.");
  return {
    trained: new Map([
      ...ends,
      ...ofLayers.flatMap(({ layer, name, shape }) =>
        isOwn(layer, name) ? [[`${blocks(layer)}.${name}`, shape] as const] : [],
      ),
    ]),
    others: new Map([
      ...constants,
      ...ofLayers.flatMap(({ layer, name, shape }) => [
        ...(isOwn(layer, name) ? [] : [[`${blocks(layer)}.${name}`, shape] as const]),
        [`reformer.layers.irrev_blocks.${layer}.${name.replace(".net.", ".")}`, shape] as const,
      ]),
    ]),
  };
}

export const blocks = (layer: number): string => `reformer.layers.blocks.${layer}`;

function positionShapes(
  positions: PositionConfig,
  width: number,
): readonly (readonly [string, Shape])[] {
  if (positions.kind === "learned") return [["pos_emb.emb.weight", [positions.length, width]]];
  if (positions.kind !== "axial") return [];
  const { shape } = positions;
  return shape.map((size, axis) => [
    `pos_emb.weights.${axis}`,
    [1, ...shape.map((_, other) => (other === axis ? size : 1)), width],
  ]);
}

/** Weights of one layer, without its prefix. */
function layerShapes(
  options: ModuleOptions,
  { width, feedForwardWidth, feedForward }: ReformerConfig,
): readonly (readonly [string, Shape])[] {
  const inner = feedForward?.gated ? 2 * feedForwardWidth : feedForwardWidth;
  return [
    ...["f", "g"].flatMap((half) =>
      residualShapes(options, width).map(([name, shape]) => [`${half}.${name}`, shape] as const),
    ),
    ...attentionShapes(options, headSizes(options, modelHeadWidth), "f.net.fn."),
    ["g.net.fn.fn.w1.weight", [inner, width]],
    ["g.net.fn.fn.w1.bias", [inner]],
    ["g.net.fn.fn.w2.weight", [width, feedForwardWidth]],
    ["g.net.fn.fn.w2.bias", [width]],
  ];
}

/** A weight by name. */
export function takeWeight<T>(weights: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(weights, name)) return weights[name];
  throw new ReformaxError("a weight is missing", { where: "lucidrains", expected: name });
}
