/** Scratch memory of the tile VM: what the kernel provides, and programs must fit (tools/generate-constants.mjs). */
export const tileScratch = {
  /** Parts that may run at the same time. */
  scratchAreas: 32,
  /** Scratch memory of a part. */
  scratchBytes: 40960,
} as const;
