import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isJsonObject, type JsonObject } from "../../edge/json.ts";
import { inputError, orThrow } from "../../edge/problem.ts";
import { toHuggingFace, type HuggingFaceModel } from "../../interop/index.ts";
import { architectures, classesOf, labelOf } from "../../interop/huggingface/weights.ts";
import { evaluatedRange, recordBytes } from "../data/evaluated-range.ts";
import { labelled } from "../data/labelled.ts";
import { ablations } from "../reformer-model.ts";
import { percent } from "../task/percent.ts";
import { measuredIn } from "../measured-params.ts";
import type { EvaluationRequest, TaskKind } from "../task/kind.ts";
import { classifyName, parseClassifyConfig, type ClassifyConfig } from "./config.ts";
import { classified, prepareLabels } from "./data.ts";
import { measureClasses } from "./measure.ts";
import { scoreWindows } from "./model.ts";
import { classifyLearner, classifyTask, type ClassifyState } from "./task.ts";

/** Classification of texts, for the program. */
export const classifyKind: TaskKind<ClassifyConfig> = {
  name: classifyName,
  defaultPreset: classifyName,
  isOfBytes: true,
  read: parseClassifyConfig,
  prepare: (config, bytes) =>
    pipe(
      prepareLabels(config, bytes),
      E.map(({ config: named, data, texts }) => {
        const { batch, length } = named.training;
        return {
          config: named,
          parts: { train: recordBytes(texts.train), validation: recordBytes(texts.validation) },
          summary: `${data.train.length} texts of ${named.task.classes.length} classes to learn, ${batch} x ${length} bytes per step`,
          task: (chosen, keys) => classifyTask({ config: chosen, data, keys }),
        };
      }),
    ),
  ablations,
  learner: classifyLearner,
  huggingFace: {
    architecture: architectures.classes,
    head: "classes",
    write: writtenClassifier,
    read: (written) => ({
      task: { kind: classifyName, pool: "first", classes: classNames(written) },
      data: {},
    }),
  },
  evaluate,
};

/** With the names of its classes. */
function writtenClassifier(config: ClassifyConfig, state: unknown): HuggingFaceModel {
  const { pool, classes = [] } = config.task;
  if (pool !== "first") {
    throw inputError({
      where: "config.task.pool",
      problem: "has no field in HuggingFace's configuration: its classifier reads the first token",
      expected: '"first"',
      got: JSON.stringify(pool),
    });
  }
  const params = measuredIn<ClassifyState>(config, state);
  const { config: written, tensors } = toHuggingFace(config.model, params, { head: "classes" });
  const id2label = Object.fromEntries(classes.map((name, i) => [String(i), name]));
  const label2id = Object.fromEntries(classes.map((name, i) => [name, i]));
  return { config: { ...written, id2label, label2id }, tensors };
}

/** By their numbers; those without names are called as HuggingFace calls them. */
const classNames = (written: JsonObject): readonly string[] => {
  const names = isJsonObject(written.id2label) ? written.id2label : {};
  return Array.from({ length: classesOf(written) }, (_, i) => {
    const name = names[String(i)];
    return typeof name === "string" ? name : labelOf(i);
  });
};

async function evaluate(request: EvaluationRequest<ClassifyConfig>): Promise<readonly string[]> {
  const { config, state, keys, bytes, rounds, ablation } = request;
  const texts = orThrow(labelled(bytes, config.data));
  const partOf = (from: number, to: number): Uint8Array => recordBytes(texts.slice(from, to));
  const [from, to] = orThrow(evaluatedRange(texts.length, partOf, request));
  const chosen = orThrow(classified(texts.slice(from, to), config.task.classes ?? [], from));
  const params = measuredIn<ClassifyState>(config, state);
  const measured = await measureClasses(scoreWindows(config), params, chosen, config, {
    key: keys.evaluation,
    rounds,
    ablation: ablations.find((name) => name === ablation),
  });
  const { accuracy, majority, loss } = measured;
  return [
    `accuracy ${percent(accuracy)} on texts ${from}:${to}`,
    `accuracy ${percent(majority)} of the most frequent class for all of them`,
    `${loss.toFixed(4)} nats per text`,
  ];
}
