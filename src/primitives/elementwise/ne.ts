import { comparison } from "../rules/comparison.ts";

/** x differs from y; true for NaN (`lax.ne`). */
export const ne = comparison("ne");
