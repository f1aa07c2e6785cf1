/** Numbers that the attention kernels and those who call them share (tools/generate-constants.mjs). */

/** Bits of the flags; docs/design/kernels.md says what each does. */
export const attentionFlags = {
  causal: 1,
  sameBucket: 2,
  selfMask: 4,
  duplicates: 8,
  circular: 16,
  masked: 32,
  dropout: 64,
  unitKeys: 128,
  sameRound: 256,
  pairs: 512,
} as const;

/** The workspace of a share: words of its frame, and at most how many shares have one. */
export const attentionSpace = { frameWords: 80, slots: 16 } as const;

/** Queries and keys that are worked on together. */
export const attentionBlocks = {
  forwardQueries: 128,
  forwardKeys: 256,
  backwardQueries: 64,
  backwardKeys: 128,
} as const;
