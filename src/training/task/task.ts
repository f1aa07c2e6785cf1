import type { Tensor } from "../../core/tensor.ts";
import type { RunKeys } from "../run-keys.ts";
import type { Metric } from "./metric.ts";

/** Numbers under their names. */
export type Numbers = Readonly<Record<string, number>>;

/** What one update of a task gives. */
export interface TaskStep<State> {
  readonly state: State;
  /** A tree of arrays that tell how the step went. They are read later, all at once; on a device what the step made is freed then. */
  readonly metrics: unknown;
}

/** What is known of a step when its metrics have been read. */
export interface StepFacts {
  /** Number of updates so far, this one included. */
  readonly step: number;
  /** How long it took. */
  readonly seconds: number;
}

/** What a measurement is told. */
export interface MeasureContext {
  /** Number of updates that the state has seen. */
  readonly step: number;
  /** To be awaited now and then, so that the program can handle events meanwhile. */
  readonly breathe: () => Promise<void>;
}

/**
 * What a run learns: all that {@link train}, checkpoints and progress lines know of it. Its functions depend on their arguments
 * alone, so that a run that is stopped and resumed anywhere gives the same bits as one that goes through.
 * {@link nextTokenTask} makes one of a language model and a text.
 *
 * A state is a tree of arrays. What training changes and a trained model consists of stands under `params`: that is what a
 * checkpoint of the parameters alone keeps.
 *
 * @example
 * import { init, jit, valueAndGrad, type Value } from "reformax";
 * import { array, mean, subtract } from "reformax/numpy";
 * import { finish, train, type Task } from "reformax/training";
 * await init();
 * interface Fit { readonly params: { readonly w: Value } }
 * const lossOf = ({ w }: Fit["params"], x: Value) => mean(subtract(w, x));
 * const descend = jit(({ params }: Fit, x: Value) => {
 *   const [loss, gradient] = valueAndGrad(lossOf)(params, x);
 *   return { state: { params: { w: subtract(params.w, gradient.w) } }, metrics: { loss } };
 * });
 * const task: Task<Fit> = {
 *   name: "fit",
 *   metrics: [{ name: "loss", digits: 1, role: "loss" }],
 *   init: () => ({ params: { w: array(3) } }),
 *   batch: (step) => array([step]),
 *   step: (state, x: Value) => descend(state, x),
 * };
 * const losses: number[] = [];
 * await finish(train({ task, steps: 3 }), ({ metrics }) => losses.push(metrics.loss));
 * console.log(losses); // => [ 3, 1, -1 ]
 */
export interface Task<
  State = unknown,
  Values extends object = Numbers,
  Measured extends object = Numbers,
> {
  /** What checkpoints call it: one of another task is refused. */
  readonly name: string;
  /** The numbers of a step's record, the loss first. */
  readonly metrics: readonly Metric[];
  /** The numbers of a measurement. */
  readonly measured?: readonly Metric[];
  /** What decides its numbers, as JSON: stands in checkpoints, and a run resumes with the same only. Default: nothing. */
  readonly config?: object;
  /** What its steps draw random numbers from. Default: `runKeys(0)`. */
  readonly keys?: RunKeys;
  /** The state that a run begins with. `key` is u32[2]. */
  init(key: Tensor): State;
  /** Number of parameters, without the optimiser's. */
  parameterCount?(state: State): number;
  /** What the step after `step` updates learns from: a tree of arrays, or the promise of one. */
  batch(step: number): unknown;
  /**
   * One update, or its beginning: on a device it may still be computed when this returns. May take the state's storage over
   * (donation): only the state that it returns is used then. `key` is u32[2], another one for each step.
   */
  step(state: State, batch: unknown, key: Tensor): TaskStep<State>;
  /**
   * A step's record, of its metrics on the host. Throws when the step went wrong: its state is not used, nor saved.
   * Default: the metrics are one number each, under their names, with `stepsPerSecond`; the loss must be finite.
   */
  read?(metrics: unknown, facts: StepFacts): Values;
  /** Measures a state on data that it does not learn from. Without it nothing is measured. */
  measure?(state: State, context: MeasureContext): Promise<Measured>;
}
