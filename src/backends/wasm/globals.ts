/** What some engines have, and others not. */
interface Globals {
  readonly process?: {
    readonly getBuiltinModule?: NodeJS.Process["getBuiltinModule"];
    readonly versions?: { readonly node?: string };
    readonly env?: Readonly<Record<string, string | undefined>>;
  };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly SharedArrayBuffer?: unknown;
  readonly WebAssembly?: unknown;
  readonly Worker?: unknown;
  readonly Blob?: unknown;
}

export const globals: Globals = globalThis;
