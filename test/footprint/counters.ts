/** How much work tracing and compiling are, counted by the mocks of `footprint.test.ts` where it is done. */
export interface CompileWork {
  /** Equations recorded in all traces, those of intermediate programs included. */
  traced: number;
  /** Equations of all functions after the passes over programs. */
  prepared: number;
}

export const work: CompileWork = { traced: 0, prepared: 0 };

/** What `f` gives, and the work that it causes. */
export function counted<T>(f: () => T): { readonly result: T; readonly work: CompileWork } {
  const before = { ...work };
  const result = f();
  const { traced, prepared } = work;
  return {
    result,
    work: { traced: traced - before.traced, prepared: prepared - before.prepared },
  };
}
