/** Where a storage lies when the plan runs. */
export type Home =
  | { readonly kind: "frame" }
  /** `donated`: an input that the caller does not need any more. */
  | { readonly kind: "parameter"; readonly index: number; readonly donated: boolean }
  | { readonly kind: "constant"; readonly offset: number };

/** A run of bytes that one value, or several one after the other, live in. */
export interface Storage {
  /** Position in the function's list of storages. */
  readonly id: number;
  readonly bytes: number;
  readonly home: Home;
  readonly name: string;
  /**
   * Of a loop carry's storage of results: the storage of its operands, which is the same memory.
   * Results may be written there only when the operand is not read any more.
   */
  readonly guard: Storage | undefined;
}

/** The function may put other values there once the first one is dead. */
export const isReusable = ({ home }: Storage): boolean =>
  home.kind === "frame" || (home.kind === "parameter" && home.donated);

/** What lies from byte `offset` on in a storage. */
export interface Place {
  readonly storage: Storage;
  readonly offset: number;
}

export const placeIn = (storage: Storage, offset = 0): Place => ({ storage, offset });
