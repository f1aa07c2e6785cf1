import { comparison } from "../rules/comparison.ts";

/** x <= y; false for NaN (`lax.le`). */
export const le = comparison("le");
