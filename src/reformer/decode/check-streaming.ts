import { ReformaxError } from "../../core/errors.ts";
import type { DecodingBlockOptions } from "./decoding-blocks.ts";
import { windowRows } from "./local-window.ts";

/** Throws unless every layer can forget, and the local heads of others find their windows among what is kept. */
export function requireForgetting(heads: readonly DecodingBlockOptions[], where: string): void {
  for (const options of heads) {
    const { kind, capacity, localHeads, wholeUpTo = 0 } = options;
    if (kind === "local" && windowRows(options) === null) {
      throw new ReformaxError("windows around a ring that lead ahead see the beginning of a text", {
        where,
        expected: "local layers with after 0, or without a ring (lsh.circular false)",
        got: `local.after ${options.after}, around a ring`,
        fix: "Without streaming the whole text is kept.",
      });
    }
    if (kind === "local" || !localHeads) continue;
    const { before, chunkLength } = localHeads;
    const needed = Math.max((before + 1) * chunkLength, wholeUpTo);
    if (capacity >= needed) continue;
    throw new ReformaxError("there is no room for the windows of local heads", {
      where,
      expected: `a capacity of at least ${needed}`,
      got: String(capacity),
    });
  }
}
