/** How a product is cut: rows and columns of results that a workgroup computes, and terms at a time. Every tile gives the same bits. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly step: number;
}

/** The larger tile where there are enough rows, or columns. */
const sizeOf = (size: number): number => (size > 64 ? 128 : 64);

export function tileOf(m: number, n: number): Tile {
  const [rows, columns] = [sizeOf(m), sizeOf(n)];
  return { rows, columns, step: rows === 64 && columns === 64 ? 16 : 8 };
}
