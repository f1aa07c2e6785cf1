import type { Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import type { ReformerConfig, ReformerParams } from "../../reformer/index.ts";
import type { TraxPositions } from "./positions.ts";

/**
 * What stands for each weight of trax's ReformerLM, made in the order in which trax writes them: embedding and positions, then of each
 * layer the norm and the projections of its attention, stacked by heads, the norm of its feed-forward block and that, and the output.
 *
 * @param take - called for each weight in turn
 */
function inOrder<T>(
  { layers, width: d, heads, headWidth, feedForwardWidth, vocabulary, local, full }: ReformerConfig,
  positions: TraxPositions,
  take: (name: string, shape: Shape) => T,
) {
  const norm = (name: string, width: number) => ({
    gamma: take(`${name}.scale`, [width]),
    beta: take(`${name}.bias`, [width]),
  });
  const dense = (name: string, from: number, to: number) => ({
    kernel: take(`${name}.w`, [from, to]),
    bias: take(`${name}.b`, [to]),
  });
  return {
    embedding: { table: take("embedding", [vocabulary, d]) },
    positions: positions.shapes.map((shape, i) => take(`positions.${i}`, shape)),
    layers: layers.map((kind, layer) => {
      const [f, g] = ["attention", "feed_forward"].map((half) => `layers.${layer}.${half}`);
      const inward = (name: string): T => take(`${f}.${name}`, [heads, d, headWidth]);
      const { queryKey } = kind === "local" ? local : (full ?? {});
      return {
        f: {
          shared: { norm: norm(`${f}.norm`, d) },
          parts: {
            query: inward("w_q"),
            ...(kind !== "lsh" && queryKey === "separate" && { key: inward("w_k") }),
            value: inward("w_v"),
            output: take(`${f}.w_o`, [heads, headWidth, d]),
          },
        },
        g: {
          norm: norm(`${g}.norm`, d),
          inner: dense(`${g}.inner`, d, feedForwardWidth),
          outer: dense(`${g}.outer`, feedForwardWidth, d),
        },
      };
    }),
    head: { norm: norm("output.norm", 2 * d), ...dense("output", 2 * d, vocabulary) },
  };
}

/** Names of ours and shapes of all weights. */
export function layoutOf(
  config: ReformerConfig,
  positions: TraxPositions,
): readonly (readonly [name: string, shape: Shape])[] {
  const found: (readonly [string, Shape])[] = [];
  inOrder(config, positions, (...weight) => found.push(weight));
  return found;
}

/** The parameters that these weights are, which are as {@link layoutOf} says. */
export function modelParams(
  config: ReformerConfig,
  positions: TraxPositions,
  weights: readonly Value[],
): ReformerParams {
  let next = 0;
  const read = inOrder(config, positions, () => weights[next++]);
  return { ...read, positions: positions.params(read.positions) };
}
