import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { customVjp } from "../transforms/index.ts";
import { accumulate, undoHalfBlock, zerosOf } from "./half-block-backward.ts";
import { addHalfBlock, firstBadLayer } from "./half-block-forward.ts";
import { joinStatistics, noStatistics, type HashStatistics } from "./hash-statistics.ts";
import type { HalfBlock } from "./half-block.ts";

/** A reversible layer: y1 = x1 + f(x2), y2 = x2 + g(y1) (paper, equation 9). */
export interface ReversibleLayer {
  readonly f: HalfBlock;
  readonly g: HalfBlock;
}

export interface LayerParams {
  readonly f: unknown;
  readonly g: unknown;
}

/** What the layers read besides their parameters. */
export interface StackContext {
  /** One tree for all layers, differentiable. */
  readonly shared: unknown;
  /** For each layer what belongs to its half-blocks alone; not differentiable. */
  readonly layers: readonly LayerParams[];
}

export interface Streams {
  readonly first: Value;
  readonly second: Value;
}

/** Says whether the streams stayed in range: rounding errors cannot hide in wrapped integers. */
export interface Health {
  /** Largest magnitude in any stream, f32[]; NaN if there was one. */
  readonly magnitude: Value;
  /** First layer with NaN or overflow, i32[]; -1 if none. */
  readonly badLayer: Value;
  /** Of the hashing in all layers. */
  readonly hashing: HashStatistics;
}

export type StackFunction = (
  params: readonly LayerParams[],
  streams: Streams,
  context: StackContext,
) => { readonly streams: Streams; readonly health: Health };

/** The streams, and the integers (buckets) that each half-block would keep in float mode. */
export interface ForwardState {
  readonly streams: Streams;
  readonly health: Health;
  readonly saved: readonly LayerParams[];
}

/** The layers one after another; what reverse mode would store, it stores. */
export function forwardPass(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  { first, second }: Streams,
  { shared, layers: own }: StackContext,
): ForwardState {
  let [x1, x2] = [first, second];
  let magnitude = ops.literal(0, "f32");
  let badLayer = ops.literal(-1, "i32");
  let hashing = noStatistics();
  const saved = layers.map((layer, i): LayerParams => {
    const f = addHalfBlock(layer.f)(params[i].f, x1, x2, { shared, own: own[i].f });
    const g = addHalfBlock(layer.g)(params[i].g, f.other, f.stream, { shared, own: own[i].g });
    [x1, x2] = [g.other, g.stream];
    const largest = ops.max(f.magnitude, g.magnitude);
    magnitude = ops.max(magnitude, largest);
    badLayer = firstBadLayer(badLayer, largest, x1, i);
    hashing = joinStatistics(hashing, f.statistics);
    return { f: f.saved, g: g.saved };
  });
  return { streams: { first: x1, second: x2 }, health: { magnitude, badLayer, hashing }, saved };
}

interface Residuals {
  readonly params: readonly LayerParams[];
  readonly streams: Streams;
  readonly context: StackContext;
  /** Integers per layer that are not computed anew: float mode only. */
  readonly saved: readonly LayerParams[] | null;
}

/** From the top down: rebuild each layer's inputs and pull the cotangents through it. */
function sweep(
  layers: readonly ReversibleLayer[],
  { params, streams, context, saved }: Residuals,
  cotangent: Streams,
): readonly [readonly LayerParams[], Streams, unknown] {
  let { first: y1, second: y2 } = streams;
  let { first: d1, second: d2 } = cotangent;
  let dShared = zerosOf(context.shared);
  const gradients: LayerParams[] = [];
  for (const [i, layer] of [...layers.entries()].toReversed()) {
    const own = context.layers[i];
    const { shared } = context;
    const g = undoHalfBlock(layer.g)(
      params[i].g,
      { stream: y2, other: y1, dStream: d2, dOther: d1 },
      { shared, own: own.g },
      saved?.[i].g ?? null,
    );
    [y2, d1] = [g.stream, g.dOther];
    const f = undoHalfBlock(layer.f)(
      params[i].f,
      { stream: y1, other: y2, dStream: d1, dOther: d2 },
      { shared, own: own.f },
      saved?.[i].f ?? null,
    );
    [y1, d2] = [f.stream, f.dOther];
    // One after another: the order in which reverse mode adds up the uses of one value.
    dShared = accumulate(accumulate(dShared, g.dShared), f.dShared);
    gradients.unshift({ f: f.dParams, g: g.dParams });
  }
  return [gradients, { first: d1, second: d2 }, dShared];
}

/**
 * A stack of reversible layers as one function with a vjp of its own: activations are not stored but rebuilt
 * from the top, so memory does not grow with depth. With q32 streams the rebuilt values, hash buckets and
 * dropout masks with them, are those of the forward pass bit for bit, and so is the gradient of the same
 * network with everything stored. With f32 streams rebuilding drifts by rounding; the buckets of the
 * forward pass are kept. Paper, section 3.
 *
 * @returns params (one `{ f, g }` per layer), streams and context to streams and health
 */
export function reversible(layers: readonly ReversibleLayer[]): StackFunction {
  const run: StackFunction = (params, streams, context) => {
    checkLayers(layers, params, context);
    const { streams: out, health } = forwardPass(layers, params, streams, context);
    return { streams: out, health };
  };
  const reversed = customVjp<Parameters<StackFunction>, ReturnType<StackFunction>, Residuals>(run, {
    forward: (params, streams, context) => {
      const { streams: out, health, saved } = forwardPass(layers, params, streams, context);
      const keep = streams.first.dtype === "f32" ? saved : null;
      return [
        { streams: out, health },
        { params, streams: out, context, saved: keep },
      ];
    },
    backward: (residuals, cotangent) => {
      const [dParams, dStreams, dShared] = sweep(layers, residuals, cotangent.streams);
      return [dParams, dStreams, { shared: dShared, layers: null }];
    },
  });
  return reversed;
}

/**
 * The same stack without reversibility: reverse mode stores every activation. The yardstick of
 * {@link reversible}, and of use where memory is plentiful.
 */
export const stored =
  (layers: readonly ReversibleLayer[]): StackFunction =>
  (params, streams, context) => {
    checkLayers(layers, params, context);
    const { streams: out, health } = forwardPass(layers, params, streams, context);
    return { streams: out, health };
  };

/** Rebuilds the streams at the bottom of the stack from those at the top. */
export const invert =
  (
    layers: readonly ReversibleLayer[],
  ): ((params: readonly LayerParams[], streams: Streams, context: StackContext) => Streams) =>
  (params, streams, context) => {
    let { first: y1, second: y2 } = streams;
    for (const [i, layer] of [...layers.entries()].toReversed()) {
      const own = context.layers[i];
      y2 = removeHalfBlock(layer.g)(params[i].g, y2, y1, { shared: context.shared, own: own.g });
      y1 = removeHalfBlock(layer.f)(params[i].f, y1, y2, { shared: context.shared, own: own.f });
    }
    return { first: y1, second: y2 };
  };

/** `stream - block(other)`. */
const removeHalfBlock =
  (block: HalfBlock) =>
  (
    params: unknown,
    stream: Value,
    other: Value,
    context: { shared: unknown; own: unknown },
  ): Value => {
    const zero = ops.full(other.shape, 0, "f32");
    const above = { stream, other, dStream: zero, dOther: zero };
    return undoHalfBlock(block)(params, above, context, null).stream;
  };

function checkLayers(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  context: StackContext,
): void {
  if (params.length === layers.length && context.layers.length === layers.length) return;
  throw new ReformaxError("parameters or context do not fit the stack", {
    where: "reversible",
    expected: `${layers.length} layers`,
    got: `${params.length} parameter trees and ${context.layers.length} contexts`,
  });
}
