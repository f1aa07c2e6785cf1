/** The library's tasks besides the next token: each learns, is stopped, saved and resumed to the same bits, and is measured. */
import { beforeAll, describe, expect, test } from "vitest";
import { init, toHost } from "../../src/index.ts";
import { orThrow } from "../../src/edge/problem.ts";
import {
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  classifyTask,
  finish,
  formatMetrics,
  maskedTask,
  parameterHash,
  prepareLabels,
  preparePairs,
  prepareQuestions,
  resumePointOrThrow,
  runKeys,
  spansTask,
  taskConfig,
  trainAhead,
  translateModel,
  translateTask,
  translateTexts,
  type Numbers,
  type Task,
} from "../../src/training/index.ts";
import { layerNames } from "../../src/training/translate/model.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What differs from a task's own configuration. */
interface Extra {
  readonly update?: "inSweep" | "afterwards";
  readonly clip?: null;
}

const schedule = { kind: "constant", rate: 1e-2, warmup: 5, horizon: 1000 } as const;
const small = {
  width: 16,
  heads: 2,
  headWidth: 8,
  feedForwardWidth: 32,
  dropout: 0.05,
  feedForwardChunk: null,
  lossChunk: null,
} as const;
const chunks = { chunk: 8, before: 1, after: 1 } as const;
const seeing = {
  ...small,
  local: chunks,
  lsh: chunks,
  positions: { kind: "axial", shape: [4, 8], widths: [8, 8] },
} as const;

/** `abcabcabc`: what is hidden follows from what is around. */
const masked = (extra: Extra = {}) =>
  maskedTask({
    config: taskConfig("masked", {
      model: { ...seeing, dropout: 0 },
      training: { batch: 16, length: 32, schedule: { ...schedule, rate: 2e-2 }, ...extra },
    }),
    data: { train: bytes("abc".repeat(200)), validation: bytes("abc".repeat(200)) },
  });

/** Which letter a text holds most of. */
const classify = (extra: Extra = {}) => {
  const line = (i: number): string =>
    `${"xyz"[i % 3]}\t${Array.from({ length: 20 + (i % 30) }, (_, at) => "xyz"[(at * at + i) % 4 === 0 ? (at + i) % 3 : i % 3]).join("")}\n`;
  const config = taskConfig("classify", {
    model: seeing,
    training: { batch: 8, length: 32, schedule, ...extra },
  });
  const lines = Array.from({ length: 120 }, (_, i) => line(i)).join("");
  return classifyTask(orThrow(prepareLabels(config, bytes(lines))));
};

/** What follows the letter that is asked for. */
const spans = (extra: Extra = {}) => {
  const line = (i: number): string => {
    const digits = [0, 1, 2].map((at) => random[3 * i + at] % 10);
    const context = digits.map((digit, at) => `${"xyz"[at]}${digit}`).join(" ");
    const asked = i % 3;
    const answers = { text: [String(digits[asked])], answer_start: [3 * asked + 1] };
    return `${JSON.stringify({ question: "xyz"[asked], context, answers })}\n`;
  };
  const config = taskConfig("spans", {
    model: { ...seeing, dropout: 0, layers: ["full"] },
    training: { batch: 16, length: 12, schedule: { ...schedule, rate: 2e-2 }, ...extra },
  });
  const lines = Array.from({ length: 240 }, (_, i) => line(i)).join("");
  return spansTask(orThrow(prepareQuestions(config, bytes(lines))));
};

/** Digits in words: one source token, one target token. */
const words = ["null", "eins", "zwei", "drei", "vier", "acht"];
const random = runKeys(7).words(0, 900);
const pairs = Array.from({ length: 300 }, (_, i) => {
  const digits = Array.from({ length: 1 + (i % 3) }, (_, at) => random[3 * i + at] % 6);
  return `${digits.join(" ")}\t${digits.map((digit) => words[digit]).join(" ")}\n`;
}).join("");
const preparedPairs = (extra: Extra = {}) =>
  orThrow(
    preparePairs(
      taskConfig("translate", {
        model: {
          ...small,
          vocabulary: 280,
          positions: { kind: "axial", shape: [8], widths: [16] },
        },
        training: { batch: 16, length: 8, schedule, ...extra },
      }),
      bytes(pairs),
    ),
  );

beforeAll(async () => {
  await init();
});

interface Case {
  readonly name: string;
  readonly make: (extra?: Extra) => Task<unknown, object, object>;
  readonly steps: number;
  readonly line: RegExp;
  /** What was measured, by its name, at least. */
  readonly learned: (measured: Numbers) => boolean;
}

const cases: readonly Case[] = [
  {
    name: "masked",
    make: (extra) => masked(extra),
    steps: 120,
    line: /^1\.\d{4} bits\/hidden byte, accuracy 0\.\d{4}, unigram 0\.3\d{3}, 94 hidden bytes$/,
    learned: ({ accuracy, unigram }) => accuracy > unigram + 0.05,
  },
  {
    name: "classify",
    make: (extra) => classify(extra),
    steps: 60,
    line: /^\d\.\d{3} nats, accuracy \d\.\d{4}, majority 0\.3333, 12 texts$/,
    learned: ({ accuracy }) => accuracy > 0.6,
  },
  {
    name: "spans",
    make: (extra) => spans(extra),
    steps: 80,
    line: /^f1 \d\.\d{4}, exact \d\.\d{4}, 24 questions$/,
    learned: ({ exact, f1 }) => exact > 0.6 && f1 >= exact,
  },
  {
    name: "translate",
    make: (extra) => translateTask(preparedPairs(extra)),
    steps: 100,
    line: /^\d\.\d{4} bits\/token, 30 pairs$/,
    learned: ({ bitsPerToken }) => bitsPerToken < 1.5,
  },
];

describe.each(cases)("the task $name", ({ make, steps, line, learned }) => {
  test("learns, and is resumed to the same bits", async () => {
    const task = make();
    const whole = await finish(trainAhead({ task, steps }));
    const measured = whole.validation?.validation ?? {};
    expect(formatMetrics(task.measured ?? [], measured)).toMatch(line);
    expect(measured).toSatisfy(learned);

    const few = await finish(trainAhead({ task: { ...task, measure: undefined }, steps: 12 }));
    const signal = { aborted: false };
    const saved: Uint8Array[] = [];
    const save = (state: unknown, at: number): void =>
      void saved.push(checkpointToBytes(checkpointOf({ task, step: at, state })));
    await finish(trainAhead({ task, steps: 12, signal, hooks: { save } }), (told) => {
      signal.aborted = told.step === 5;
    });
    const again = make();
    const start = resumePointOrThrow(checkpointFromBytesOrThrow(saved[0], again), again);
    const end = await finish(trainAhead({ task: again, steps: 12, start }));
    expect(parameterHash(await toHost(end.state))).toBe(parameterHash(await toHost(few.state)));
  });
});

test("an encoder with a vocabulary of its own reads the words that both have room for", () => {
  const positions = { kind: "axial", shape: [24], widths: [16] } as const;
  const model = { ...small, positions, vocabulary: 280, encoder: { vocabulary: 261 } };
  const training = { batch: 2, length: 24, schedule };
  const config = taskConfig("translate", { model, training });
  const prepared = orThrow(preparePairs(config, bytes(pairs)));
  expect(prepared.config.data.words?.length).toBe(3);
  const few = { ...model, encoder: { vocabulary: 200 } };
  expect(() => taskConfig("translate", { model: few, training })).toThrow(
    /model.encoder.vocabulary: has no room for all tokens: expected at least 258/,
  );
});

test("what was learned is translated, whatever else is in a batch, and not without its source", async () => {
  const prepared = preparedPairs();
  const { config, data } = prepared;
  const task = translateTask(prepared);
  const { state } = await finish(trainAhead({ task, steps: 150 }));
  const model = translateModel(config.model);
  const options = {
    codec: data.codec,
    length: 8,
    batch: 4,
    key: runKeys(0).evaluation,
    layers: layerNames(config.model),
  };
  const sources = ["1 2", "3", "0 4 5", "2", "5 1"];
  const write = (texts: readonly string[], batch: number, otherSources = false) =>
    translateTexts(model, state.params, texts, { ...options, batch, otherSources });
  const expected = ["eins zwei", "drei", "null vier acht", "zwei", "acht eins"];
  const written = await write(sources, 4);
  const right = (texts: readonly string[]): number =>
    texts.filter((text, i) => text === expected[i]).length;
  expect(right(written)).toBeGreaterThan(2);
  expect(await write(sources, 1)).toEqual(written);
  // By whole passes, token by token, and by a search.
  const { reader: _, ...plain } = model;
  expect(await translateTexts(plain, state.params, sources, options)).toEqual(written);
  const searched = (batch: number) =>
    translateTexts(model, state.params, sources, { ...options, batch, beams: 3 });
  expect(right(await searched(4))).toBeGreaterThan(2);
  expect(await searched(2)).toEqual(await searched(4));
  await expect(
    translateTexts(plain, state.params, sources, { ...options, beams: 3 }),
  ).rejects.toThrow(/beams need a cache/);
  // What a decoder reads of another pair it cannot know of its own.
  expect(right(await write(sources.slice(0, 4), 4, true))).toBe(0);
});

describe.each(cases)("the task $name with updates inside of the reverse sweep", ({ make }) => {
  test("learns the same as with updates afterwards, but for clipping", async () => {
    const lossesOf = async (update: "inSweep" | "afterwards"): Promise<readonly number[]> => {
      const task = make({ update, clip: null });
      const losses: number[] = [];
      await finish(
        trainAhead({ task: { ...task, measure: undefined }, steps: 4 }),
        ({ metrics }) => {
          losses.push(Object.values(metrics)[0] as number);
        },
      );
      return losses;
    };
    const [ours, theirs] = [await lossesOf("inSweep"), await lossesOf("afterwards")];
    ours.forEach((loss, i) => expect(loss).toBeCloseTo(theirs[i], 4));
    expect(ours[0]).toBe(theirs[0]);
    expect(ours[3]).not.toBe(ours[0]);
  });
});
