/** The level, from 0 up, that a byte belongs to. */
export const levelOf = (byte: number, levels: number): number => Math.floor((byte * levels) / 256);

/** The byte that stands for a level: 0 for the lowest, 255 for the highest. */
export const byteOf = (level: number, levels: number): number =>
  Math.round((level * 255) / (levels - 1));
