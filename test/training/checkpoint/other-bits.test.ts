import { expect, test } from "vitest";
import { otherBits } from "../../../src/training/checkpoint/other-bits.ts";
import type { TrainConfig } from "../../../src/training/index.ts";
import { loadCheckpoint } from "../../../src/training/node/index.ts";
import { golden } from "../../support/golden-checkpoints.ts";

const config = (model: object): TrainConfig =>
  ({ model: { layers: ["local", "lsh"], lsh: {}, ...model } }) as unknown as TrainConfig;
const centred = config({ lsh: { centred: true } });

test("running sums changed for runs with centred LSH attention that an earlier version began", () => {
  const [note, ...others] = otherBits(
    { config: centred, writer: { version: 2, writer: "0.2.0" } },
    "0.3.0",
  );
  expect(note).toBe(
    "Since reformax 0.3.0 running sums, of which centred LSH attention takes its means, are added in another order, and " +
      "reformax 0.2.0 wrote this checkpoint: the run goes on, but its bits are not those that the version before would have given.",
  );
  expect(others).toEqual([]);
  expect(otherBits({ config: centred, writer: { version: 1 } }, "0.3.0")[0]).toContain(
    "an earlier version wrote this",
  );
});

test.each([
  ["a version that has the change", centred, "0.3.0", "0.4.0"],
  ["a later one", centred, "0.10.0", "1.0.0"],
  ["a candidate of it", centred, "0.3.0-rc.1", "0.3.0"],
  ["the version that goes on", centred, "0.2.0", "0.2.0"],
  ["an earlier one, without centring", config({}), "0.2.0", "0.3.0"],
  [
    "an earlier one, without LSH",
    config({ layers: ["local"], lsh: { centred: true } }),
    "0.2.0",
    "0.3.0",
  ],
] as const)("nothing is said of a checkpoint by %s", (_, settings, writer, reader) => {
  expect(otherBits({ config: settings, writer: { version: 2, writer } }, reader)).toEqual([]);
});

test("nothing changed for the checkpoints of before that are kept here", () => {
  for (const format of [1, 2]) {
    const { checkpoint, writer } = loadCheckpoint(golden.run(format));
    expect(checkpoint.writer).toEqual(writer);
    expect(otherBits(checkpoint, "0.3.0")).toEqual([]);
  }
});
