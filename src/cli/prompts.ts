import { Option } from "commander";
import { readFileSync } from "node:fs";
import { inputError } from "../edge/problem.ts";

export interface PromptFlags {
  readonly prompt?: readonly string[];
  readonly prompts?: string;
}

/** Adds a value to those that an option was given before. */
export const another = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

export const promptOptions = (): readonly Option[] => [
  new Option(
    "--prompt <text>",
    "what to continue; given more than once: several texts, written together " +
      "(default: a sentence of the novel for that model, else a new line)",
  ).argParser(another),
  new Option("--prompts <file>", "a file whose lines are what to continue, each a text").conflicts(
    "prompt",
  ),
];

/** What to continue, at least one text; undefined where the user did not say. */
export function promptsOf({ prompt, prompts }: PromptFlags): readonly string[] | undefined {
  if (prompts === undefined) return prompt;
  const lines = readText(prompts).split(/\r?\n/);
  const texts = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  if (texts.length > 0) return texts;
  throw inputError({
    where: prompts,
    problem: "has no line to continue",
    expected: "one line or more",
    got: "an empty file",
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw inputError({
      where: path,
      problem: "cannot be read",
      got: error instanceof Error ? error.message : String(error),
      fix: "--prompts takes a file of text.",
    });
  }
}
