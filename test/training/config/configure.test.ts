import { expect, test } from "vitest";
import { reformerConfig } from "../../../src/reformer/index.ts";
import {
  defaultPreset,
  parseTrainConfig,
  presets,
  resolveConfig,
  trainConfig,
  type PresetName,
} from "../../../src/training/index.ts";
import { orThrow } from "../../../src/edge/problem.ts";

const names = Object.keys(presets) as PresetName[];

test.each(names)("%s alone is the preset that the program takes", (preset) => {
  const config = trainConfig({ preset });
  expect(config).toEqual(orThrow(resolveConfig({ presets, preset, defaultPreset })));
  expect(config).toEqual(orThrow(parseTrainConfig(JSON.parse(JSON.stringify(presets[preset])))));
});

test("without a word it is the default preset", () => {
  expect(trainConfig()).toEqual(trainConfig({ preset: "bytes-small" }));
});

test("values lie over the preset; one that is undefined does not", () => {
  const config = trainConfig({
    preset: "bytes-medium",
    model: { lsh: { rounds: 2 }, dropout: undefined },
    training: { clip: undefined, optimizer: { kind: "sgd" }, schedule: { rate: 0.5 } },
  });
  const base = trainConfig({ preset: "bytes-medium" });
  expect(config.model).toEqual({ ...base.model, lsh: { ...base.model.lsh, rounds: 2 } });
  expect(config.training).toEqual({
    ...base.training,
    optimizer: { kind: "sgd", momentum: 0 },
    schedule: { ...base.training.schedule, rate: 0.5 },
  });
});

test("a model's whole configuration is one of its values", () => {
  const model = reformerConfig({ width: 32, feedForwardChunk: null });
  expect(trainConfig({ model }).model).toEqual(model);
});

test("chunks that are left open are those of the memory budget", () => {
  // Wide, so that chunks of rows are what needs most.
  const model = { feedForwardWidth: 2048 };
  const chunksFor = (memoryBudget: number) =>
    trainConfig({ model, training: { memoryBudget } }).model.lossChunk;
  expect(chunksFor(2 ** 30)).toBe(512);
  expect(chunksFor(35e6)).toBe(256);
});

test("everything that is wrong, at once, as one error", () => {
  const wrong = () =>
    trainConfig({
      model: { width: 100, heads: 1.5 },
      // @ts-expect-error an unknown key
      training: { batchSize: 4, schedule: { rate: Infinity } },
    });
  expect(wrong).toThrow(
    [
      "3 problems:",
      "  - model.heads: wrong value: expected an integer at least 1 and at most 1073741824, got 1.5",
      "  - training.schedule.rate: wrong value: expected a number above 0, got Infinity",
      "  - training.batchSize: unknown key. Known: ",
    ].join("\n"),
  );
  // @ts-expect-error an unknown preset
  expect(() => trainConfig({ preset: "byte-small" })).toThrow('Did you mean "bytes-small"?');
  // @ts-expect-error an unknown section
  expect(() => trainConfig({ modle: {} })).toThrow(/no option "modle".*Did you mean "model"\?/);
});
