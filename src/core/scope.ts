import { checkFunction } from "./arguments.ts";
import { ReformaxError } from "./errors.ts";
import { keepArrays, withScope } from "./scope-stack.ts";
import { Tensor } from "./tensor.ts";
import * as tree from "./tree.ts";

/** Keeps the arrays of a tree, which it gives back, from being freed by any scope. */
export type Keep = <T>(values: T) => T;

/**
 * Frees every array that `f` makes, but those that it returns: what a GPU holds otherwise until the garbage collector has
 * found it is there again at once. An inner scope's result belongs to the outer one. When `f` throws, all that it made is freed.
 *
 * What lives on in other ways, in a cache, or in a function that is returned, such as that of `vjp`, goes through `keep`. Arrays
 * that `jit` has closed over are kept by themselves. On the CPU a scope does the same, so that programs behave alike. As `tf.tidy`.
 *
 * @param f - called at once, with `keep`; it must not wait: what it made is freed when it returns
 * @returns what `f` returns, a tree
 * @throws ReformaxError when `f` returns a promise
 * @example
 * import { init, scope } from "reformax";
 * import { array, multiply, sum } from "reformax/numpy";
 * await init();
 * const x = array([1, 2, 3]);
 * const total = scope(() => sum(multiply(x, 2))); // the product is freed
 * console.log(total.item(), String(x)); // => 12 f32[3] [1, 2, 3]
 */
export function scope<T>(f: (keep: Keep) => T): T {
  checkFunction(f, "what to run", "scope");
  return withScope((open) => {
    try {
      const result = f((values) => {
        keepArrays(arraysOf(values));
        return values;
      });
      checkNotPromise(result);
      for (const array of arraysOf(result)) {
        if (open.made.delete(array)) open.outer?.made.add(array);
      }
      return result;
    } finally {
      for (const array of open.made) array.release("scope");
    }
  });
}

function checkNotPromise(result: unknown): void {
  if (!(result instanceof Promise)) return;
  // The caller gets an error instead of it: nobody else hears of its own.
  result.catch(() => undefined);
  throw new ReformaxError("the function returned a promise, but what it made is freed now", {
    where: "scope",
    expected: "a function that does not wait",
    fix: "Return arrays, and wait outside: `await scope(() => f(x)).data()`.",
  });
}

/**
 * Frees the arrays of a tree now: what they hold on a device goes back at once. Using them afterwards is an error. Arrays that are
 * gone already, traced values and other leaves are passed over. As `x.delete()` of each in JAX.
 *
 * @param values - a tree of arrays of any dtypes and shapes
 * @example
 * import { init, release } from "reformax";
 * import { array } from "reformax/numpy";
 * await init();
 * const state = { w: array([1, 2]), step: 0 };
 * release(state);
 * console.log(String(state.w)); // => Tensor<released>
 */
export const release = (values: unknown): void =>
  arraysOf(values).forEach((array) => array.release());

const arraysOf = (values: unknown): readonly Tensor[] =>
  tree.leaves(values).filter((leaf) => leaf instanceof Tensor);
