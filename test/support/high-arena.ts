/** An address at which every sum in signed arithmetic goes wrong: 3.9 GiB, with room for what tests need above it. */
export const highArena = Math.floor((3.9 * 2 ** 30) / 16) * 16;
