import * as E from "fp-ts/lib/Either.js";
import { measuredIn } from "../measured-params.ts";
import { ablations } from "../reformer-model.ts";
import { measureSequences } from "../sequences/measure.ts";
import { scoreSequences, sequenceLearner } from "../sequences/model.ts";
import type { EvaluationRequest, TaskKind } from "../task/kind.ts";
import { percent } from "../task/percent.ts";
import { parseToyConfig, shapeOf, toyName, type ToyConfig } from "./config.ts";
import { measuredSequences, toyTask, type ToyState } from "./task.ts";

/** Toy tasks, for the program. */
export const toyKind: TaskKind<ToyConfig> = {
  name: toyName,
  defaultPreset: toyName,
  makesData: true,
  read: parseToyConfig,
  prepare: (config) => {
    const { name, symbols, length } = shapeOf(config);
    const made = new TextEncoder().encode(JSON.stringify([name, symbols]));
    return E.right({
      config,
      parts: { train: made, validation: made },
      summary: `${name} of ${symbols} symbols, ${config.training.batch} x ${length} tokens per step`,
      task: (chosen, keys) => toyTask({ config: chosen, keys }),
    });
  },
  ablations,
  learner: sequenceLearner,
  evaluate,
};

async function evaluate(request: EvaluationRequest<ToyConfig>): Promise<readonly string[]> {
  const { config, state, keys, rounds, ablation } = request;
  const params = measuredIn<ToyState>(config, state);
  const sequences = measuredSequences(config, keys);
  const measured = await measureSequences(scoreSequences(config), params, sequences, config, {
    key: keys.evaluation,
    rounds,
    ablation: ablations.find((name) => name === ablation),
  });
  return [
    `accuracy ${percent(measured.accuracy)} of the answers' tokens in ${sequences.length} new sequences`,
    `accuracy ${percent(measured.exact)} of whole answers`,
    `${measured.bits.toFixed(4)} bits per token`,
  ];
}
