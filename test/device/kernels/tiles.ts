import { tileNames, tiles as known } from "../../../src/backends/webgpu/kernels/tiles.ts";
import type { Variant } from "./timed-program.ts";

/** The tiles that products may have: rows and columns of results, and terms at a time. */
export const tiles: readonly Variant[] = tileNames.map((name) => {
  const { rows, columns, step } = known[name];
  return { ROWS: rows, COLUMNS: columns, STEP: step };
});
