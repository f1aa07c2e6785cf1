import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow } from "../../edge/problem.ts";
import { toHuggingFace } from "../../interop/index.ts";
import { architectures } from "../../interop/huggingface/weights.ts";
import { evaluatedRange, recordBytes } from "../data/evaluated-range.ts";
import { questionsFrom } from "../data/questions.ts";
import { measuredIn } from "../measured-params.ts";
import { ablations } from "../reformer-model.ts";
import type { EvaluationRequest, TaskKind } from "../task/kind.ts";
import { percent } from "../task/percent.ts";
import { parseSpansConfig, spansName, type SpansConfig } from "./config.ts";
import { askedPassage, prepareQuestions } from "./data.ts";
import { measureSpans } from "./measure.ts";
import { scoreEnds } from "./model.ts";
import { spansLearner, spansTask, type SpansState } from "./task.ts";

/** Finding answers in passages, for the program. */
export const spansKind: TaskKind<SpansConfig> = {
  name: spansName,
  defaultPreset: spansName,
  isOfBytes: true,
  read: parseSpansConfig,
  prepare: (config, bytes) =>
    pipe(
      prepareQuestions(config, bytes),
      E.map(({ config: named, data, texts }) => {
        const { batch, length } = named.training;
        return {
          config: named,
          parts: { train: recordBytes(texts.train), validation: recordBytes(texts.validation) },
          summary: `${data.train.length} questions to learn, ${batch} x ${length} bytes per step`,
          task: (chosen, keys) => spansTask({ config: chosen, data, keys }),
        };
      }),
    ),
  ablations,
  learner: spansLearner,
  huggingFace: {
    architecture: architectures.spans,
    head: "spans",
    write: (config, state) =>
      toHuggingFace(config.model, measuredIn<SpansState>(config, state), { head: "spans" }),
    read: () => ({ task: { kind: spansName }, data: {} }),
  },
  evaluate,
};

async function evaluate(request: EvaluationRequest<SpansConfig>): Promise<readonly string[]> {
  const { config, state, keys, bytes, rounds, ablation } = request;
  const questions = orThrow(questionsFrom(bytes));
  const partOf = (from: number, to: number): Uint8Array => recordBytes(questions.slice(from, to));
  const [from, to] = orThrow(evaluatedRange(questions.length, partOf, request));
  const params = measuredIn<SpansState>(config, state);
  const asked = questions.slice(from, to).map(askedPassage);
  const { exact, f1 } = await measureSpans(scoreEnds(config), params, asked, config, {
    key: keys.evaluation,
    rounds,
    ablation: ablations.find((name) => name === ablation),
  });
  return [`exact match ${percent(exact)} on questions ${from}:${to}`, `F1 ${percent(f1)}`];
}
