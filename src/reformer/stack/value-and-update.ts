import { checkFunction, checkRecord } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim } from "../../lax/index.ts";
import { abs, less, logicalAnd, where } from "../../numpy/index.ts";
import { applyUpdates, type GradientTransformation } from "../../optim/index.ts";
import { checkOptimizer } from "../../optim/transformation.ts";
import { jit } from "../../transforms/index.ts";
import { forwardPass } from "./forward-pass.ts";
import { checkStackCall } from "./call-checks.ts";
import { checkLayers } from "./layer-checks.ts";
import type {
  HalfTrees,
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
  /** Whether what stands above lets the layers be updated, bool[]; absent: it does. */
  readonly allowed?: Value;
}

/** A layer stack's parameters with the optimiser's state of each layer. */
export interface LayerStates<Params extends LayerParams = LayerParams> {
  readonly params: readonly Params[];
  readonly optimizer: readonly unknown[];
}

export interface ValueAndUpdate<Aux, Params extends LayerParams = LayerParams> {
  readonly value: Value;
  readonly aux: Aux;
  readonly health: Health;
  /** Parameters and states after the update; those before it where the value or a stream was not finite. */
  readonly layers: LayerStates<Params>;
  /** Per layer the integers that its half-blocks computed in the forward pass: see {@link StackPass}. */
  readonly saved: readonly HalfTrees[];
  /** Cotangent of the streams below the stack; of no use where nothing was updated. */
  readonly cotangent: Streams;
  /** Cotangent of the shared context, null where it is not differentiable; of no use where nothing was updated. */
  readonly dShared: unknown;
  /** Whether value and streams were finite, so that the layers were updated: bool[]. */
  readonly updated: Value;
  /** Hashes, u32[2], of the streams below the stack and of what the sweep rebuilt of them. */
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
 * function with a derivative. The value and the health of the streams are known before the sweep begins: unless both are good it
 * updates nothing. (It takes place all the same: a branch around it would hold both streams twice.)
 *
 * @throws ReformaxError for an optimiser that needs all gradients at once (clipping by their global norm), and for layers
 *   that share an array: it would be updated before its gradient is complete
 */
export function valueAndUpdate(
  layers: readonly ReversibleLayer[],
  optimizer: GradientTransformation,
  options: ValueAndUpdateOptions,
) {
  const where = "valueAndUpdate";
  checkLayers(layers, where);
  checkOptimizer(optimizer, "optimizer", where);
  const { chunk } = checkRecord(options, { chunk: "size" }, "options", where);
  if (optimizer.scope === "tree") {
    throw new ReformaxError("the optimiser needs the gradients of all layers at once", {
      where,
      expected: "a transformation that works array by array",
      got: "one with a global part, such as clipByGlobalNorm",
      fix: "Clip element by element with clipByValue, or use valueAndGrad.",
    });
  }
  const updateLayer = jit(
    (updated: Value, gradient: HalfTrees, state: unknown, params: LayerParams) => {
      const [updates, next] = optimizer.update(gradient, state, params);
      const stepped: readonly [LayerParams, unknown] = [applyUpdates(params, updates), next];
      return selectTree(updated, stepped, [params, state]);
    },
    { name: "updateLayer" },
  );

  return <Aux, Params extends LayerParams = LayerParams>(
    given: LayerStates<Params>,
    streams: Streams,
    context: StackContext,
    top: (streams: Streams, health: Health) => Top<Aux>,
  ): ValueAndUpdate<Aux, Params> => {
    const { params, optimizer: states } = checkLayerStates(given, layers.length, where);
    checkStackCall(layers, params, streams, context, where);
    checkFunction(top, "top", where);
    refuseSharing(params);
    const forward = streamHash(streams, chunk);
    const passed = forwardPass(layers, params, streams, context);
    const { value, cotangent, aux, allowed } = top(passed.streams, passed.health);
    const saved = streams.first.dtype === "f32" ? passed.saved : null;
    const good = logicalAnd(isFinite(value), noneBad(passed.health));
    const updated = allowed ? logicalAnd(good, allowed) : good;
    const start = { params, streams: passed.streams, context, saved };
    const swept = sweep(layers, start, cotangent, (gradient, i) =>
      updateLayer(updated, gradient, states[i], params[i]),
    );
    return {
      value,
      aux,
      health: passed.health,
      saved: passed.saved,
      layers: {
        // Updated parameters have the structure of those before.
        params: swept.results.map(([layer]) => layer as Params),
        optimizer: swept.results.map(([, state]) => state),
      },
      cotangent: swept.cotangent,
      dShared: swept.dShared,
      updated,
      bottom: { forward, rebuilt: streamHash(swept.streams, chunk) },
    };
  };
}

export function checkLayerStates<Params extends LayerParams>(
  states: LayerStates<Params>,
  count: number,
  where: string,
): LayerStates<Params> {
  checkRecord(states, { params: "list", optimizer: "list" }, "states", where);
  if (states.optimizer.length === count) return states;
  throw new ReformaxError("the optimiser's states do not fit the stack", {
    where,
    expected: `${count}, one for each layer`,
    got: `${states.optimizer.length}`,
    fix: "Begin with layers.map((layer) => optimizer.init(layer)) of the parameters.",
  });
}

/** `yes` where the condition, bool[], holds, else `no`: trees of one structure. */
export const selectTree = <T>(condition: Value, yes: T, no: T): T =>
  tree.map((a: Value, b: Value) => where(broadcastInDim(condition, a.shape, []), a, b), yes, no);

/** Neither infinite nor NaN: bool[]. */
const isFinite = (x: Value): Value => less(abs(x), Infinity);

/** Whether all streams stayed in range, bool[]. */
export const noneBad = ({ badLayer }: Health): Value => less(badLayer, 0);

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
