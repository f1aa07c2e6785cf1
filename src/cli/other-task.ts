import { isJsonObject, type Json, type JsonObject } from "../edge/json.ts";
import { unlessProblems, type Problem, type Validated } from "../edge/problem.ts";
import { fittingWindows } from "../training/config/fitting-windows.ts";
import type { RunKind } from "../training/task/kind.ts";

/** A task, and the configuration that stands for its name. */
interface NamedTask extends Pick<RunKind, "name" | "isOfBytes"> {
  readonly preset: JsonObject;
}

/**
 * What a run of another task begins with: that one's preset, with the model of a checkpoint. Its vocabulary and what its tokens see are
 * the task's; windows are no longer than the model's positions.
 *
 * @returns the configuration, or that the one's model cannot be the other's
 */
export function configOfTask(
  { model, data }: JsonObject,
  from: Pick<RunKind, "name" | "isOfBytes">,
  { name, isOfBytes, preset }: NamedTask,
): Validated<JsonObject> {
  const { mask: _, ...body } = objectOf(model);
  const { vocabulary, mask } = objectOf(preset.model);
  return unlessProblems(
    [...otherTokens(from, objectOf(data)), ...otherModel(name, isOfBytes)],
    () => ({
      ...preset,
      model: {
        ...body,
        ...(vocabulary !== undefined && { vocabulary }),
        ...(mask !== undefined && { mask }),
      },
      training: fittingWindows(preset.training, body.positions),
    }),
  );
}

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const otherTokens = (
  { name, isOfBytes }: Pick<RunKind, "name" | "isOfBytes">,
  { tokens = "bytes" }: JsonObject,
): readonly Problem[] =>
  isOfBytes && tokens === "bytes"
    ? []
    : [
        {
          where: "--from",
          problem: "its model cannot learn another task: it does not read bytes",
          expected: "a checkpoint whose tokens are bytes",
          got: isOfBytes ? `data.tokens ${JSON.stringify(tokens)}` : `the task ${name}`,
        },
      ];

const otherModel = (name: string, isOfBytes: boolean | undefined): readonly Problem[] =>
  isOfBytes
    ? []
    : [
        {
          where: "--task",
          problem: `cannot be with --from: the task ${name} has a model of its own, which does not read bytes`,
        },
      ];
