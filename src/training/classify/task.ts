import { checkRecord } from "../../core/arguments.ts";
import { listOf } from "../../core/kinds.ts";
import { checkTaskOptions } from "../task/check-options.ts";
import * as classifier from "../../reformer/models/classifier.ts";
import { ReformaxError } from "../../core/errors.ts";
import { measuredOf } from "../measured-params.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import {
  learner,
  learnerMetrics,
  type LearnedTask,
  type LearnerState,
  type LearnerValues,
} from "../task/learner.ts";
import type { Metric } from "../task/metric.ts";
import { checkClassifyConfig, classifyName, type ClassifyConfig } from "./config.ts";
import { classifiedKind, type ClassifyData } from "./data.ts";
import { measureClasses, type ClassifyMeasurement } from "./measure.ts";
import { classLossOf, classSweep, scoreWindows, type LabelBatch } from "./model.ts";
import { textBatches } from "./windows.ts";

/** What a step of learning to tell texts apart reports. */
export interface ClassifyValues extends LearnerValues {
  /** In nats. */
  readonly loss: number;
  readonly textsPerSecond: number;
}

export type ClassifyState = LearnerState<classifier.ClassifierParams>;

export interface ClassifyOptions {
  /** With its classes. */
  readonly config: ClassifyConfig;
  readonly data: ClassifyData;
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

/** The model and its optimiser. */
export function classifyLearner(config: ClassifyConfig) {
  const { classes } = config.task;
  if (!classes) {
    throw new ReformaxError("the classes are not known yet", {
      where: "classifyTask",
      expected: "a configuration with task.classes, as prepareLabels gives it",
      got: "task.classes null",
    });
  }
  return learner<classifier.ClassifierParams, LabelBatch>({
    training: config.training,
    layers: config.model.layers,
    init: (key) => classifier.init(config.model, { classes: classes.length }, key),
    loss: (params, batch, key) => classLossOf(config, params, batch, key),
    sweep: classSweep(config),
  });
}

const loss: Metric = { name: "loss", unit: "nats", digits: 3, role: "loss" };

/** Learning which of some classes a text belongs to, from parts of it that are as long as `training.length`. */
export function classifyTask(
  options: ClassifyOptions,
): LearnedTask<ClassifyState, ClassifyValues, ClassifyMeasurement> {
  checkTaskOptions(options, {}, checkClassifyConfig, "classifyTask");
  const texts = listOf(classifiedKind);
  checkRecord(options.data, { train: texts, validation: texts }, "data", "classifyTask");
  const { config, data, keys = runKeys(config.training.seed) } = options;
  const { train, validation } = data;
  const { batch, validateBytes } = config.training;
  const learned = classifyLearner(config);
  const score = scoreWindows(config);
  const measured = validation.slice(0, validateBytes ?? undefined);
  return {
    ...learned,
    name: classifyName,
    metrics: [
      loss,
      { name: "textsPerSecond", unit: "texts/s", digits: 1, role: "speed" },
      ...learnerMetrics,
    ],
    measured: [
      loss,
      { name: "accuracy", digits: 4 },
      { name: "majority", digits: 4 },
      { name: "texts", unit: "texts", digits: 0, role: "sample" },
    ],
    config,
    keys,
    batch: textBatches(train, config.training, keys),
    read: (metrics, facts): ClassifyValues => {
      const { nats, ...rest } = learned.read(metrics, facts);
      return { loss: nats, ...rest, textsPerSecond: batch / facts.seconds };
    },
    ...(measured.length > 0 && {
      measure: (state: ClassifyState, { breathe }): Promise<ClassifyMeasurement> =>
        measureClasses(
          score,
          measuredOf<ClassifyState["params"]>(config.training)(state),
          measured,
          config,
          { key: keys.evaluation, breathe },
        ),
    }),
  };
}
