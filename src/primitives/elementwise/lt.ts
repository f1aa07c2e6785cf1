import { comparison } from "../rules/comparison.ts";

/** x < y; false for NaN (`lax.lt`). */
export const lt = comparison("lt");
