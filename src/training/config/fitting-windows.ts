import { isJsonObject, type Json } from "../../edge/json.ts";
import type { PositionConfig } from "../../reformer/models/config.ts";
import { longestLength } from "../../reformer/models/positions.ts";

/**
 * A preset's training section for a model with these positions: its windows are no longer than those allow. Of whatever is no
 * section the configuration's reader will speak.
 */
export const fittingWindows = (training: Json | undefined, positions: Json | undefined): Json => {
  if (!isJsonObject(training) || !isJsonObject(positions)) return training ?? {};
  const longest = longestLength(positions as unknown as PositionConfig);
  return { ...training, length: Math.min(Number(training.length), longest) };
};
