import { checkFlag } from "../core/arguments.ts";
import { setNanChecks } from "../transforms/eager.ts";

export { print, setPrinter } from "../transforms/debug-print.ts";

/**
 * Turns checks for NaN and infinity on or off: every result is checked, and the first operation that
 * makes one from finite operands is named in a NonFiniteError. As `jax_debug_nans`.
 *
 * @example
 * import { debug } from "reformax";
 * debug.nans(true);
 * debug.nans(false);
 */
export const nans = (enabled = true): void =>
  setNanChecks(checkFlag(enabled, "the switch", "debug.nans"));
