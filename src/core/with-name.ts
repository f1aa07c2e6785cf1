/** The function under the name that messages and plans call it by: the arrow functions that a factory returns have none of their own. */
export const withName = <F extends (...args: never[]) => unknown>(name: string, f: F): F =>
  Object.defineProperty(f, "name", { value: name });
