import { comparison } from "../rules/comparison.ts";

/** x >= y; false for NaN (`lax.ge`). */
export const ge = comparison("ge");
