/** Random numbers from explicit keys, in the streams of JAX (threefry2x32, partitionable). */
// Makes the operations known and evaluates them, whichever module is imported first.
import "../transforms/index.ts";

export { exponential, gumbel, laplace, logistic } from "./continuous.ts";
export { bernoulli, categorical, rademacher } from "./discrete.ts";
export { foldIn, key, split, splitKeys } from "./key.ts";
export { normal, truncatedNormal } from "./normal.ts";
export { permutation, type PermutationOptions } from "./permutation.ts";
export { randint } from "./randint.ts";
export { bits, uniform } from "./uniform.ts";
