// @ts-check
/*
 * Newton's method for logistic regression. The Hessian is no function of the library but three of
 * its transformations in a row: `grad`, differentiated forward along every axis at once by `vmap`
 * of `jvp`. Expect the length of the gradient, 0.3 at the start, to be below a millionth after five
 * steps, each of which makes it smaller by a larger factor; gradient descent is shown beside it.
 */
import { grad, init, jit, jvp, vmap } from "reformax";
import { foriLoop } from "reformax/lax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import { globalNorm } from "reformax/optim";
import * as random from "reformax/random";

/** @typedef {import("reformax").Value} Value */
/** @typedef {(x: Value) => Value} Unary */
/** @typedef {{ x: Value, residual: Value, direction: Value }} Solution */

await init();

const [count, width] = [500, 4];
const [inputKey, labelKey] = random.split(random.key(0));
const inputs = random.normal(inputKey, [count, width]);
const chances = nn.sigmoid(np.matmul(inputs, np.array([1, -2, 0.5, 0])));
const labels = np.astype(random.bernoulli(labelKey, chances), "f32");

/** @type {Unary} The mean negative log likelihood. */
function loss(weights) {
  const logits = np.matmul(inputs, weights);
  return np.mean(np.subtract(nn.softplus(logits), np.multiply(labels, logits)));
}

/** @type {(f: Unary) => Unary} Row i is what the gradient changes by along axis i. */
const hessian = (f) => (x) =>
  vmap((/** @type {Value} */ axis) => jvp(grad(f), [x], [axis])[1])(np.eye(x.shape[0]));

/** @type {(a: Value, b: Value) => Value} */
const ratio = (a, b) => np.divide(a, np.maximum(b, 1e-30));

/** @type {(matrix: Value, b: Value) => Value} The x of matrix x = b, by conjugate gradients. */
function solve(matrix, b) {
  /** @type {(i: Value, solution: Solution) => Solution} */
  const step = (_, { x, residual, direction }) => {
    const image = np.matmul(matrix, direction);
    const square = np.dot(residual, residual);
    const length = ratio(square, np.dot(direction, image));
    const rest = np.subtract(residual, np.multiply(length, image));
    const kept = ratio(np.dot(rest, rest), square);
    return {
      x: np.add(x, np.multiply(length, direction)),
      residual: rest,
      direction: np.add(rest, np.multiply(kept, direction)),
    };
  };
  return foriLoop(0, b.shape[0], step, { x: np.zerosLike(b), residual: b, direction: b }).x;
}

const slope = jit(grad(loss));
const curvature = jit(hessian(loss));
const newton = jit((/** @type {Value} */ w) =>
  np.subtract(w, solve(hessian(loss)(w), grad(loss)(w))),
);

let [w, descending] = [np.zeros([width]), np.zeros([width])];
console.log("step  newton   descent  (length of the gradient)");
for (let i = 0; i <= 5; i++) {
  const lengths = [w, descending].map((at) => globalNorm(slope(at)).item().toExponential(1));
  console.log(`${i}     ${lengths.join("  ")}`);
  [w, descending] = [newton(w), np.subtract(descending, slope(descending))];
}
console.log("weights", w);
console.log("Hessian", curvature(w));
if (!(globalNorm(slope(w)).item() < 1e-6)) throw new Error("Newton's method did not converge");
