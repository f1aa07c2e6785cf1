import { checkList, checkParts } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { ReformerConfig } from "./config.ts";
import { ownersOf, type Tying } from "./layer-owners.ts";
import type { ReformerLayerParams } from "./params.ts";

/**
 * Layers that all have what they compute with, as `reversible(buildLayers(config, mode))` takes them: arrays of tied layers stand in several
 * of them. Without `tiedLayers` these are the given ones.
 *
 * @throws ReformaxError unless there are parameters for each layer of the configuration
 * @example
 * import { key } from "reformax/random";
 * import { initParams, reformerConfig, untiedLayers } from "reformax/reformer";
 * const config = reformerConfig({ width: 16, layers: ["lsh", "lsh"], tiedLayers: "both" });
 * const { layers } = initParams(config, key(0));
 * const [first, second] = untiedLayers(config, layers);
 * console.log(layers[1].f.parts, second.f.parts === first.f.parts); // => undefined true
 */
export function untiedLayers<Layer extends ReformerLayerParams>(
  config: Tying,
  layers: readonly Layer[],
): readonly Layer[] {
  checkList(layers, "layers", "untiedLayers");
  checkParts(config, ["layers"], "config", "untiedLayers");
  if (config.tiedLayers === undefined) return layers;
  if (layers.length !== config.layers.length) {
    throw new ReformaxError("the parameters do not fit the configuration", {
      where: "untiedLayers",
      expected: `${config.layers.length} layers`,
      got: String(layers.length),
    });
  }
  const { f, g } = ownersOf(config);
  return layers.map((layer, i) => ({
    ...layer,
    f: f[i] === i ? layer.f : over(layers[f[i]].f, layer.f),
    g: g[i] === i ? layer.g : over(layers[g[i]].g, layer.g),
  }));
}

/** A half-block's parameters with what another one has of its own: norm and gain, which half-blocks in parts have under `shared`. */
function over<Params extends object>(all: Params, own: Params): Params {
  if (!("shared" in all) || !("shared" in own)) return { ...all, ...own };
  return { ...all, shared: { ...(all.shared as object), ...(own.shared as object) } };
}

/** Throws where tied layers are asked for updates of one after the other. */
export function requireUntied({ tiedLayers }: ReformerConfig, where: string): void {
  if (tiedLayers === undefined) return;
  throw new ReformaxError("tied layers cannot be updated one after the other", {
    where,
    expected: "a configuration without tiedLayers",
    got: JSON.stringify(tiedLayers),
    fix: "Differentiate `loss` with valueAndGrad, which adds up the gradients of all layers, and apply the optimiser's updates afterwards.",
  });
}
