/** What a scope frees: arrays, which are not named here because they are made in scopes themselves. */
interface Made {
  release(by: string): void;
}

/** What was made since a scope began, and nothing else has taken over. */
export interface OpenScope {
  readonly outer: OpenScope | undefined;
  readonly made: Set<Made>;
}

let innermost: OpenScope | undefined;

/** Told of every array that is made. */
export const noteMade = (array: Made): void => {
  innermost?.made.add(array);
};

/** No scope that is open now frees them: something outside of it goes on using them. */
export function keepArrays(arrays: readonly Made[]): void {
  for (let open = innermost; open; open = open.outer)
    for (const array of arrays) open.made.delete(array);
}

/** Runs `f` with a scope of its own. */
export function withScope<T>(f: (open: OpenScope) => T): T {
  const open: OpenScope = { outer: innermost, made: new Set() };
  return withInnermost(open, () => f(open));
}

/** What `f` gives, and the arrays that were made for it; they belong to the scope that is open, if one is. */
export const watchMaking = <T>(
  f: () => T,
): { readonly result: T; readonly made: ReadonlySet<unknown> } =>
  withScope(({ made, outer }) => {
    const result = f();
    for (const array of made) outer?.made.add(array);
    return { result, made };
  });

/** Runs `f` as if no scope were open. */
export const outsideOfScopes = <T>(f: () => T): T => withInnermost(undefined, f);

function withInnermost<T>(scope: OpenScope | undefined, f: () => T): T {
  const before = innermost;
  innermost = scope;
  try {
    return f();
  } finally {
    innermost = before;
  }
}
