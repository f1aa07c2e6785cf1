import { ReformaxError } from "../core/errors.ts";
import * as tree from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { applyUpdates, type GradientTransformation } from "../optim/index.ts";
import { cond, jit } from "../transforms/index.ts";
import { forwardPass } from "./forward-pass.ts";
import type {
  Health,
  LayerParams,
  ReversibleLayer,
  StackContext,
  Streams,
} from "./reversible-layer.ts";
import { streamHash } from "./stream-hash.ts";
import { sweep } from "./sweep.ts";

/** What stands on top of a stack: a scalar, f32[], and its cotangents at the streams, f32 like them. */
export interface Top<Aux> {
  readonly value: Value;
  readonly cotangent: Streams;
  readonly aux: Aux;
}

/** A layer stack's parameters with the optimiser's state of each layer. */
export interface LayerStates {
  readonly params: readonly LayerParams[];
  readonly optimizer: readonly unknown[];
}

export interface ValueAndUpdate<Aux> {
  readonly value: Value;
  readonly aux: Aux;
  readonly health: Health;
  /** Parameters and states after the update; those before it where the value or a stream was not finite. */
  readonly layers: LayerStates;
  /** Cotangent of the streams below the stack; zeros where there was no sweep. */
  readonly cotangent: Streams;
  /** Whether the sweep took place: bool[]. */
  readonly updated: Value;
  /** Hashes, u32[2], of the streams below the stack and of what the sweep rebuilt of them (zeros without one). */
  readonly bottom: { readonly forward: Value; readonly rebuilt: Value };
}

export interface ValueAndUpdateOptions {
  /** Rows at a time in the hash of the streams. */
  readonly chunk: number;
}

/**
 * The value of a function of a reversible stack together with one step of `optimizer` for the stack's parameters, taken inside
 * the reverse sweep: each layer is updated as soon as its gradient is complete, so that the gradient of only one layer
 * exists at a time. The values are those of `valueAndGrad` followed by one update per layer. This is a step, not a
 * function with a derivative. The value and the health of the streams are looked at before the sweep begins: unless both
 * are good nothing is updated.
 *
 * @throws ReformaxError for an optimiser that needs all gradients at once (clipping by their global norm), and for layers
 *   that share an array: it would be updated before its gradient is complete
 */
export function valueAndUpdate(
  layers: readonly ReversibleLayer[],
  optimizer: GradientTransformation,
  { chunk }: ValueAndUpdateOptions,
) {
  const where = "valueAndUpdate";
  if (optimizer.scope === "tree") {
    throw new ReformaxError("the optimiser needs the gradients of all layers at once", {
      where,
      expected: "a transformation that works array by array",
      got: "one with a global part, such as clipByGlobalNorm",
      fix: "Clip element by element with clipByValue, or use valueAndGrad.",
    });
  }
  const updateLayer = jit(
    (gradient: LayerParams, state: unknown, params: LayerParams) => {
      const [updates, next] = optimizer.update(gradient, state, params);
      return [applyUpdates(params, updates), next] as const;
    },
    { name: "updateLayer" },
  );

  return <Aux>(
    { params, optimizer: states }: LayerStates,
    streams: Streams,
    context: StackContext,
    top: (streams: Streams) => Top<Aux>,
  ): ValueAndUpdate<Aux> => {
    refuseSharing(params);
    const forward = streamHash(streams, chunk);
    const passed = forwardPass(layers, params, streams, context);
    const { value, cotangent, aux } = top(passed.streams);
    const saved = streams.first.dtype === "f32" ? passed.saved : null;
    const updated = ops.and(isFinite(value), noneBad(passed.health));
    const [stepped, below, rebuilt] = cond(
      updated,
      (above: Streams, pulled: Streams) => {
        const start = { params, streams: above, context, saved };
        const swept = sweep(layers, start, pulled, (gradient, i) =>
          updateLayer(gradient, states[i], params[i]),
        );
        return [swept.results, swept.cotangent, streamHash(swept.streams, chunk)] as const;
      },
      (_: Streams, pulled: Streams) =>
        [
          params.map((layer, i) => [layer, states[i]] as const),
          tree.map(ops.zerosLike, pulled),
          ops.zerosLike(forward),
        ] as const,
      passed.streams,
      cotangent,
    );
    return {
      value,
      aux,
      health: passed.health,
      layers: {
        params: stepped.map(([layer]) => layer),
        optimizer: stepped.map(([, state]) => state),
      },
      cotangent: below,
      updated,
      bottom: { forward, rebuilt },
    };
  };
}

/** Neither infinite nor NaN: bool[]. */
const isFinite = (x: Value): Value => ops.lt(ops.abs(x), ops.literal(Infinity, "f32"));

const noneBad = ({ badLayer }: Health): Value => ops.lt(badLayer, ops.literal(0, "i32"));

function refuseSharing(params: readonly LayerParams[]): void {
  const owner = new Map<Value, number>();
  params.forEach((layer, i) => {
    for (const leaf of tree.leaves<Value>(layer)) {
      const first = owner.get(leaf) ?? i;
      if (first !== i) {
        throw new ReformaxError("layers share an array", {
          where: "valueAndUpdate",
          expected: "every layer with parameters of its own",
          got: `one array in layers ${first} and ${i}`,
          fix: "Use valueAndGrad, which adds up the gradients of all uses before anything is updated.",
        });
      }
      owner.set(leaf, i);
    }
  });
}
