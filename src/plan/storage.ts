/** Where a storage lies when the plan runs. */
export type Home =
  | { readonly kind: "frame" }
  | { readonly kind: "parameter"; readonly index: number }
  | { readonly kind: "constant"; readonly word: number };

/** A run of words that one value, or several one after the other, live in. */
export interface Storage {
  /** Position in the function's list of storages. */
  readonly id: number;
  readonly words: number;
  readonly home: Home;
  readonly name: string;
  /**
   * Of a loop carry's storage of results: the storage of its operands, which is the same memory.
   * Results may be written there only when the operand is not read any more.
   */
  readonly guard: Storage | undefined;
}

/** Words from `offset` on in a storage. */
export interface Place {
  readonly storage: Storage;
  readonly offset: number;
}

export const placeIn = (storage: Storage, offset = 0): Place => ({ storage, offset });
