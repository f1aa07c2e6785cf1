/** Who the elements in a block belong to. */
export interface Owner {
  /** The block is going to hold something else: takes the elements out. */
  leave(): void;
}

/**
 * What a block holds: a value that is nowhere else; a copy of words of the host, which name it; or nothing, while an executable
 * keeps it for its next result.
 */
export type Contents =
  | { readonly kind: "value"; readonly owner: Owner }
  | { readonly kind: "copy" }
  | { readonly kind: "nothing" };

/** Bytes of the arena outside of every frame. */
export interface Block {
  readonly address: number;
  readonly bytes: number;
  holds: Contents;
  /** False once its bytes are somebody else's. */
  present: boolean;
  /** The number of the last run that used it. */
  lastUse: number;
}
