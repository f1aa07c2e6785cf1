import { checkPartsOf, type KindsOf } from "../core/arguments.ts";
import type { Kind } from "../core/kinds.ts";
import { TreeError } from "../core/errors.ts";
import { map, structureOf } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { flattenValues } from "../transforms/flat-function.ts";
import { add } from "../numpy/arithmetic.ts";

/**
 * A step of an optimiser as a pair of pure functions over trees of f32 arrays. Updates start as
 * gradients and end as what is added to the parameters; a state is a tree of arrays, so it can be
 * jitted, donated and saved. `optax.GradientTransformation`.
 */
export interface GradientTransformation<State = unknown> {
  /** The state before the first step. */
  init(params: unknown): State;
  /**
   * `tree` where what happens to one array depends on the others (a global norm), so that all updates are needed at
   * once. Absent: array by array.
   */
  readonly scope?: "tree";
  /** The transformed updates and the next state. */
  update<Params>(updates: Params, state: State, params: Params): readonly [Params, State];
}

/** Throws unless this is a transformation: what `adam(...)` returns, not `adam`. */
export function checkOptimizer<T extends GradientTransformation>(
  optimizer: T,
  what: string,
  where: string,
): T {
  return checkPartsOf(
    optimizer,
    { init: "function", update: "function" } as KindsOf<T>,
    what,
    where,
  );
}

/** Applies `f` to each array of the updates, and of further trees of the same structure. */
export const mapArrays = <T>(
  f: (update: Value, ...others: Value[]) => Value,
  updates: T,
  ...others: readonly unknown[]
): T => map<Value, Value, T>(f, updates, ...others);

/** A part of a state that is a tree like the parameters. */
export const treeKind: Kind = { expected: "a tree of arrays", is: (x) => x !== undefined };

/**
 * The transformation, whose functions say what is wrong with what they are called with.
 *
 * @param where - what made it
 * @param kinds - the parts of its state
 */
export const checkedCalls = <State>(
  where: string,
  made: GradientTransformation<State>,
  kinds?: KindsOf<State>,
): GradientTransformation<State> => ({
  ...made,
  init: (params) => {
    flattenValues(params, `${where}, init`);
    return made.init(params);
  },
  update: (updates, state, params) => {
    const place = `${where}, update`;
    flattenValues(updates, place);
    if (kinds)
      checkPartsOf(state as State & object, kinds as KindsOf<State & object>, "state", place);
    flattenValues(params, place);
    return made.update(updates, state, params);
  },
});

/** A transformation that keeps nothing between steps. */
export const stateless = (
  where: string,
  update: <Params>(updates: Params, params: Params) => Params,
): GradientTransformation<null> =>
  checkedCalls(where, {
    init: () => null,
    update: (updates, state, params) => [update(updates, params), state],
  });

/**
 * params + updates, array by array. `optax.apply_updates`.
 *
 * @throws TreeError when the trees differ
 * @example
 * import { array } from "reformax/numpy";
 * import { applyUpdates } from "reformax/optim";
 * console.log(applyUpdates({ w: array([1, 2]) }, { w: array([0.5, 0]) }).w.toArray()); // => [ 1.5, 2 ]
 */
export function applyUpdates<Params>(params: Params, updates: Params): Params {
  for (const tree of [params, updates]) flattenValues(tree, "applyUpdates");
  return mapArrays(add, params, updates);
}

/**
 * Transformations one after the other; the state is the list of theirs. `optax.chain`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { chain, clipByValue, scale } from "reformax/optim";
 * const optimizer = chain(clipByValue(1), scale(-0.5));
 * const params = array([1, 1]);
 * const [updates] = optimizer.update(array([4, -0.5]), optimizer.init(params), params);
 * console.log(updates.toArray()); // => [ -0.5, 0.25 ]
 */
export function chain<const Steps extends readonly GradientTransformation[]>(
  ...steps: Steps
): GradientTransformation<StatesOf<Steps>> {
  for (const step of steps) {
    checkOptimizer(step, "a step", "chain");
  }
  return {
    ...(steps.some(({ scope }) => scope === "tree") && { scope: "tree" }),
    init: (params) => steps.map((step) => step.init(params)) as unknown as StatesOf<Steps>,
    update: <Params>(updates: Params, states: StatesOf<Steps>, params: Params) => {
      checkStates(states, steps.length);
      const next: unknown[] = [];
      const result = steps.reduce((current, step, i) => {
        const [transformed, state] = step.update(current, states[i], params);
        next.push(state);
        return transformed;
      }, updates);
      return [result, next as unknown as StatesOf<Steps>] as const;
    },
  };
}

/** The list of the states of a list of transformations. */
export type StatesOf<Steps extends readonly GradientTransformation[]> = {
  readonly [K in keyof Steps]: Steps[K] extends GradientTransformation<infer State> ? State : never;
};

function checkStates(states: unknown, count: number): void {
  if (Array.isArray(states) && states.length === count) return;
  throw new TreeError("this is no state of this optimiser", {
    where: "update",
    expected: `the list of ${count} states that its init gave`,
    got: structureOf(states).text,
    fix: "The order is update(gradient, state, params).",
  });
}
