import type { JsonObject } from "../../edge/json.ts";
import { orThrow } from "../../edge/problem.ts";
import { fromHuggingFace, type HuggingFaceModel } from "../../interop/index.ts";
import type { HeadKind } from "../../interop/huggingface/weights.ts";
import { fittingWindows } from "../config/fitting-windows.ts";
import type { HuggingFaceHead, TaskKind } from "../task/kind.ts";
import { configJson, type Checkpoint } from "./checkpoint.ts";
import { storedConfig } from "./task-config.ts";
import { tensorsOf } from "./tensors.ts";

/**
 * A checkpoint of a task of a model of HuggingFace's with its head: to measure, and to begin a training with, whose settings are those of
 * the preset.
 *
 * @throws InputError as `fromHuggingFace`, and where the task reads other tokens than the model
 */
export function importedTask(
  { name, read }: Pick<TaskKind, "name" | "read">,
  { head, read: sectionsOf }: HuggingFaceHead,
  { training }: JsonObject,
  { config: written, tensors }: HuggingFaceModel,
): Checkpoint<object> {
  const { config, params } = fromHuggingFace<HeadKind>(written, tensors, { head });
  const model = configJson(config);
  const sections = {
    ...sectionsOf(written),
    model,
    training: fittingWindows(training, model.positions),
  };
  return {
    step: 0,
    config: storedConfig({ name, config: orThrow(read(sections)) }),
    progress: {},
    tensors: tensorsOf({ state: { params } }),
  };
}
