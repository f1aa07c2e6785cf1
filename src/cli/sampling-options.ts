import { Option } from "commander";
import type { SamplingOptions } from "../training/index.ts";
import { realNumber, wholeNumber } from "./options.ts";

/** What `samplingOptions` read. */
export type SamplingFlags = Pick<
  SamplingOptions,
  "temperature" | "topK" | "topP" | "minP" | "repetitionPenalty"
>;

/** How the next token is chosen. */
export const samplingOptions = (): readonly Option[] => [
  new Option("--temperature <t>", "0: always the most likely byte; 1: as the model believes")
    .argParser(realNumber("a number at least 0", (t) => t >= 0))
    .default(0.6),
  new Option("--top-k <k>", "choose among the k most likely bytes").argParser(wholeNumber(1)),
  new Option(
    "--top-p <p>",
    "choose among the fewest bytes that together have probability p",
  ).argParser(realNumber("a number above 0 and at most 1", (p) => p > 0 && p <= 1)),
  new Option(
    "--min-p <p>",
    "choose among the bytes that are at least p times as likely as the most likely one",
  ).argParser(realNumber("a number from 0 to 1", (p) => p >= 0 && p <= 1)),
  new Option(
    "--repetition-penalty <r>",
    "above 1: bytes that the text has already become less likely",
  ).argParser(realNumber("a number above 0", (r) => r > 0)),
];

/** The options of sampling alone. */
export const samplingOf = ({
  temperature,
  topK,
  topP,
  minP,
  repetitionPenalty,
}: SamplingFlags): SamplingOptions => ({ temperature, topK, topP, minP, repetitionPenalty });
