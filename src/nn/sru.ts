import { checkOptions, checkParts } from "../core/arguments.ts";
import { checkArray } from "../core/check-array.ts";
import { sizeOf } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import { toValueOf, type ArrayLike } from "../array/array-like.ts";
import { add, multiply, subtract } from "../numpy/arithmetic.ts";
import { zeros } from "../numpy/fill.ts";
import { split } from "../numpy/join.ts";
import { reshape, transpose } from "../numpy/axes.ts";
import { scan } from "../transforms/index.ts";
import { activations, type Activation } from "./activation-table.ts";
import { sigmoid } from "./activations.ts";
import { dense, type DenseParams } from "./dense.ts";

/** Of a simple recurrent unit of width d: kernel f32[d, 3 d] and bias f32[3 d] of the output gate, the forget gate and the signal, in this order. */
export type SruParams = DenseParams;

export interface SruOptions {
  /** Of the state where it leaves the unit; absent: none. */
  readonly activation?: Activation;
  /** What the input weighs that goes around the unit: sqrt 3 when absent, as trax has it; 1 in the first version of the paper. */
  readonly highway?: number;
}

/**
 * The simple recurrent unit of Lei et al. (2018) along the axis before the last of x f32[..., L, d]: f32[..., L, d]. With gates r and f, which
 * are sigmoids, and a signal y, all of them linear in x_t, the state is c_t = f c_{t-1} + (1 - f) y from c = 0, and the result
 * r c_t + (1 - r) highway x_t. Only sums and products of single features go from one step to the next; the matrix product is of all
 * steps at once. As trax' `SRU`.
 *
 * @throws ShapeError when the sizes do not fit
 * @example
 * import { sru } from "reformax/nn";
 * import { array } from "reformax/numpy";
 * const params = { kernel: array([[0, 0, 1]]), bias: array([0, 0, 0]) };
 * console.log(sru(params, [[4], [0], [0]], { highway: 0 }).toArray()); // => [ [ 1 ], [ 0.5 ], [ 0.25 ] ]
 */
export function sru(params: SruParams, x: ArrayLike, options: SruOptions = {}): Value {
  const { activation, highway = Math.sqrt(3) } = checkOptions<SruOptions>(
    options,
    { activation: Object.keys(activations), highway: "finite" },
    "sru",
  );
  const given = toValueOf(x, "f32", "sru");
  const { shape } =
    given.shape.length < 2 ? checkArray(given, "f32", ["L", "d"], "x", "sru") : given;
  const [length, width] = shape.slice(-2);
  const { kernel, bias } = checkParts(params, ["kernel"], "params", "sru");
  checkArray(kernel, "f32", [width, 3 * width], "params.kernel", "sru");
  const rows = reshape(given, [sizeOf(shape.slice(0, -2)), length, width]);
  return reshape(sruFrom({ kernel, bias }, rows, null, { activation, highway }).out, shape);
}

/** {@link sru} of f32[N, L, d] with what is checked, from a state f32[N, d] (null for 0), and the state behind it. */
export function sruFrom(
  params: SruParams,
  rows: Value,
  before: Value | null,
  { activation, highway = Math.sqrt(3) }: SruOptions = {},
): { readonly out: Value; readonly state: Value } {
  const [output, forget, signal] = split(dense(params, rows), 3, 2);
  const f = sigmoid(forget);
  const { states, state } = recur(f, multiply(subtract(1, f), signal), before);
  const r = sigmoid(output);
  const shown = activation ? activations[activation](states) : states;
  const around = multiply(multiply(subtract(1, r), highway), rows);
  return { out: add(multiply(r, shown), around), state };
}

/** c_t = f_t c_{t-1} + u_t along the middle axis of [N, L, d], and the last one. */
function recur(f: Value, u: Value, before: Value | null) {
  const inTime = (y: Value): Value => transpose(y, [1, 0, 2]);
  const [count, , width] = u.shape;
  const [state, states] = scan<Value, readonly [Value, Value], Value>(
    (state, [keep, input]) => {
      const next = add(multiply(keep, state), input);
      return [next, next];
    },
    before ?? zeros([count, width]),
    [inTime(f), inTime(u)],
  );
  return { states: inTime(states), state };
}
