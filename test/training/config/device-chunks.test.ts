/* Chunks that a configuration leaves open, on a device and when a run goes on. */
import { expect, test } from "vitest";
import { presets, resolveConfigOrThrow, trainConfig } from "../../../src/training/index.ts";

const device = { maxBufferBytes: 2 ** 31 };
const chunksOf = ({ model }: ReturnType<typeof trainConfig>) => [
  model.feedForwardChunk,
  model.lossChunk,
];

test("are chosen for the device, where the configuration does not name them", () => {
  expect(chunksOf(trainConfig())).toEqual([512, 512]);
  expect(chunksOf(trainConfig({ device }))).toEqual([1024, 1024]);
  const named = { model: { lossChunk: 128 }, device };
  expect(chunksOf(trainConfig(named))).toEqual([1024, 128]);
  expect(chunksOf(trainConfig({ model: { lossChunk: null }, device }))).toEqual([1024, null]);
});

test("are those of the run that goes on, wherever it goes on", () => {
  const resumed = trainConfig({ device });
  const sources = { presets, defaultPreset: "bytes-small", resumed };
  expect(resolveConfigOrThrow(sources)).toEqual(resumed);
  const smaller = { ...sources, device: { maxBufferBytes: 2 ** 20 } };
  expect(resolveConfigOrThrow(smaller)).toEqual(resumed);
});
