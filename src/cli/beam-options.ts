import { Option } from "commander";
import { inputError } from "../edge/problem.ts";
import { realNumber, wholeNumber } from "./options.ts";

/** What `beamOptions` read. */
export interface BeamFlags {
  readonly beams?: number;
  readonly lengthPenalty?: number;
}

/** Searching for the likeliest text. */
export const beamOptions = (): readonly Option[] => [
  new Option(
    "--beams <n>",
    "look for the likeliest text instead of drawing one, by beam search with so many texts at a time",
  )
    .argParser(wholeNumber(1, 256))
    // Which is about drawing.
    .conflicts(["temperature", "topK", "topP", "minP", "repetitionPenalty"]),
  new Option(
    "--length-penalty <a>",
    "texts are compared by (sum of log p) / length^a; above 0 favours long ones (default: 1)",
  ).argParser(realNumber("a number", () => true)),
];

/** Throws where a length penalty stands without the beams that it is for. */
export function checkBeams({ beams, lengthPenalty }: BeamFlags): void {
  if (beams !== undefined || lengthPenalty === undefined) return;
  throw inputError({
    where: "--length-penalty",
    problem: "compares texts of a beam search, and none is asked for",
    fix: "Add --beams.",
  });
}

/** Throws where beams are asked of a task that writes no texts. */
export function refuseBeams({ beams }: BeamFlags, task: string): void {
  if (beams === undefined) return;
  throw inputError({
    where: "--beams",
    problem: `is nothing for the task ${task}, which is not measured by what it writes`,
    expected: "a checkpoint of the task translate",
    got: `${beams} beams`,
  });
}
