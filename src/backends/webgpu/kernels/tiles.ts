/** How a product is cut: rows and columns of results that a workgroup computes, and terms at a time. Every tile gives the same bits. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly step: number;
}

/** Tiles by rows and columns. */
export const tiles = {
  "64x64": { rows: 64, columns: 64, step: 16 },
  "64x128": { rows: 64, columns: 128, step: 8 },
  "128x64": { rows: 128, columns: 64, step: 8 },
  "128x128": { rows: 128, columns: 128, step: 8 },
} as const satisfies Readonly<Record<string, Tile>>;

export type TileName = keyof typeof tiles;

export const tileNames = Object.keys(tiles) as readonly TileName[];

/** Tiles to take in place of those that the table has for products of a size. */
export type TileChoice = { readonly [Size in TileName]?: TileName };

/** The larger tile where there are enough rows, or columns. */
const larger = (size: number): 64 | 128 => (size > 64 ? 128 : 64);

/** The table's tile for a product of that size, or what was chosen for it. */
export function tileOf(m: number, n: number, choice: TileChoice): Tile {
  const size: TileName = `${larger(m)}x${larger(n)}`;
  return tiles[choice[size] ?? size];
}
