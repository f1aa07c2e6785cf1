/** A number below `count` from a uniform 32-bit word. */
export const drawn = (word: number, count: number): number => Math.floor((word * count) / 2 ** 32);
