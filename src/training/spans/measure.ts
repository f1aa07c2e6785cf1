import type { Tensor } from "../../core/tensor.ts";
import { checkFinite } from "../../core/finite.ts";
import { toHost } from "../../core/to-host.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import type { PassOptions } from "../../reformer/models/run-stack.ts";
import type { SpanParams } from "../../reformer/models/span-model.ts";
import { scoreAnswer, type AnswerScore } from "../metrics/answers.ts";
import type { SpansConfig } from "./config.ts";
import type { AskedPassage } from "./data.ts";
import type { ScoreEnds } from "./model.ts";
import { coveringPassage, gatherPassages, roomOf } from "./windows.ts";

export interface SpansMeasureOptions extends Pick<PassOptions, "rounds" | "ablation"> {
  /** u32[2]. */
  readonly key: Tensor;
  /** Called between calls of the model; may wait. */
  readonly breathe?: () => Promise<void>;
}

export interface SpansMeasurement extends AnswerScore {
  readonly questions: number;
}

/** A part of a passage, in bytes, and what its ends scored together. */
interface Candidate {
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

/**
 * The best pair of ends in bytes `from` to `to` of two rows of scores: the sum of both scores is the highest, and at most `longest` tokens
 * lie between; the first of equals.
 */
export function bestSpan(
  start: ArrayLike<number>,
  end: ArrayLike<number>,
  from: number,
  to: number,
  longest: number,
): Candidate {
  let best: Candidate = { from, to: from, score: -Infinity };
  // Places of starts whose scores fall from the first to the last: none of them is better than one before.
  const window: number[] = [];
  for (let last = from; last < to; last++) {
    while (window.length > 0 && start[window[window.length - 1]] < start[last]) window.pop();
    window.push(last);
    if (window[0] <= last - longest) window.shift();
    const score = start[window[0]] + end[last];
    if (score > best.score) best = { from: window[0], to: last + 1, score };
  }
  return best;
}

/** The answers that are found, as SQuAD's script judges them: a passage's windows overlap, and the best of their spans is the answer. */
export async function findAnswers(
  score: ScoreEnds,
  params: SpanParams,
  questions: readonly AskedPassage[],
  { training: { batch, length }, model, task: { longestAnswer } }: SpansConfig,
  { key, breathe, ...pass }: SpansMeasureOptions,
): Promise<readonly string[]> {
  checkFinite(params, "measure");
  const windows = questions.flatMap((asked) => coveringPassage(asked, length));
  const found = new Map<AskedPassage, Candidate>();
  for (let first = 0; first < windows.length; first += batch) {
    const group = windows.slice(first, first + batch);
    const scores = await toHost(score(params, gatherPassages(group, length, batch), key, pass));
    checkStreams(scores.health, "measure", model.layers);
    const [start, end] = [scores.start.words(), scores.end.words()];
    group.forEach(({ asked, from }, row) => {
      const { shown, room } = roomOf(asked, length);
      const shift = row * length + shown + 1;
      const seen = Math.min(room, asked.passage.length - from);
      const best = bestSpan(start, end, shift, shift + seen, longestAnswer);
      const before = found.get(asked);
      if (before && before.score >= best.score) return;
      const place = (at: number): number => at - shift + from;
      found.set(asked, { from: place(best.from), to: place(best.to), score: best.score });
    });
    await breathe?.();
  }
  const decoder = new TextDecoder();
  return questions.map((asked) => {
    const { from, to } = found.get(asked) ?? { from: 0, to: 0 };
    return decoder.decode(asked.passage.subarray(from, to));
  });
}

/** How many answers are found, by words. */
export async function measureSpans(
  ...args: Parameters<typeof findAnswers>
): Promise<SpansMeasurement> {
  const [, , questions] = args;
  const answers = await findAnswers(...args);
  const scores = answers.map((answer, i) => scoreAnswer(answer, questions[i].right));
  const mean = (of: (score: AnswerScore) => number): number =>
    scores.reduce((sum, score) => sum + of(score), 0) / Math.max(1, scores.length);
  return {
    exact: mean(({ exact }) => exact),
    f1: mean(({ f1 }) => f1),
    questions: questions.length,
  };
}
