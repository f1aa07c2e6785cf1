import { comparison } from "../rules/comparison.ts";

/** x > y; false for NaN (`lax.gt`). */
export const gt = comparison("gt");
