import { differences } from "../../edge/merge-json.ts";
import type { Problem } from "../../edge/problem.ts";
import { configJson } from "./checkpoint.ts";

/** What may change when a run of a language model is resumed: it does not change the numbers. */
const adjustable = new Set(
  ["keep", "checkpointEvery", "validateEvery", "validateBytes"].map((key) => `training.${key}`),
);

/** Every value of a configuration that is not the one of the run that is to be resumed. */
export const changesOf = (stored: object, own: object): readonly Problem[] =>
  differences(configJson(stored), configJson(own))
    .filter(({ where }) => !adjustable.has(where))
    .map(({ where, a, b }) => ({
      where,
      problem: "differs from the run that is to be resumed",
      expected: JSON.stringify(a),
      got: JSON.stringify(b),
      fix: "Resume with the same configuration, or start a new run in another folder.",
    }));
