import { comparison } from "../rules/comparison.ts";

/** x = y; false for NaN (`lax.eq`). */
export const eq = comparison("eq");
