import type { Value } from "../core/value.ts";
import { checkWhole } from "../core/whole.ts";
import { checkParts } from "../core/arguments.ts";
import * as ops from "../ir/ops.ts";
import { map } from "../core/tree.ts";
import {
  mapArrays,
  treeKind,
  checkedCalls,
  type GradientTransformation,
} from "./transformation.ts";

export interface AccumulationState<State = unknown> {
  /** Gradients in the sum so far, i32: 0 to steps - 1. */
  readonly gathered: Value;
  /** Their mean, a tree like the parameters. */
  readonly mean: unknown;
  /** State of what follows, which has seen only whole steps. */
  readonly inner: State;
}

/**
 * Gives `step` the mean of the gradients of `steps` calls, and parameters that stay where they are in between: the updates of all calls
 * but the last are zeros, and neither count nor moments of `step` move. `optax.MultiSteps`.
 *
 * @throws ReformaxError unless `steps` is a whole number of 1 or more
 * @example
 * import { array } from "reformax/numpy";
 * import { accumulate, sgd } from "reformax/optim";
 * const optimizer = accumulate(2, sgd(1));
 * const params = array([0]);
 * const [first, state] = optimizer.update(array([2]), optimizer.init(params), params);
 * const [second] = optimizer.update(array([4]), state, params);
 * console.log(first.toArray(), second.toArray()); // => [ 0 ] [ -3 ]
 */
export function accumulate<State>(
  steps: number,
  step: GradientTransformation<State>,
): GradientTransformation<AccumulationState<State>> {
  checkWhole(steps, "the number of steps", "accumulate", 1);
  checkParts(step, ["init", "update"], "the step", "accumulate");
  return checkedCalls(
    "accumulate",
    {
      ...(step.scope && { scope: step.scope }),
      init: (params) => ({
        gathered: ops.literal(0, "i32"),
        mean: mapArrays(ops.zerosLike, params),
        inner: step.init(params),
      }),
      update: <Params>(
        gradients: Params,
        { gathered, mean, inner }: AccumulationState<State>,
        params: Params,
      ) => {
        const count = ops.add(gathered, ops.literal(1, "i32"));
        const share = ops.div(ops.literal(1, "f32"), ops.convert(count, "f32"));
        const average = mapArrays(
          (m, g) => ops.add(m, ops.mul(ops.sub(g, m), ops.broadcastInDim(share, m.shape, []))),
          mean as Params,
          gradients,
        );
        const whole = ops.ge(count, ops.literal(steps, "i32"));
        const choose = (yes: Value, no: Value): Value =>
          ops.select(ops.broadcastInDim(whole, yes.shape, []), yes, no);
        const [updates, next] = step.update(average, inner, params);
        const state: AccumulationState<State> = {
          gathered: ops.select(whole, ops.literal(0, "i32"), count),
          mean: mapArrays((m) => choose(ops.zerosLike(m), m), average),
          inner: map<Value, Value, State>(choose, next, inner),
        };
        return [mapArrays((u) => choose(u, ops.zerosLike(u)), updates), state] as const;
      },
    },
    { gathered: "array", mean: treeKind, inner: treeKind },
  );
}
