/** Every distinct operation of the presets' training steps, with the operands that it meets there, alone on WebGPU. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { init, toHost, type Backend } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import { presets, trainConfig, type TrainConfigChoices } from "../../../src/training/index.ts";
import { evaluate } from "../../primitives/laws/subject.ts";
import { trainStepOf } from "../../support/model-plans.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { flushed } from "./law-subjects.ts";
import { describeWithDevice } from "../../support/webgpu-device.ts";
import { checkOperation, harvest, type Operation } from "./harvest.ts";

const perRead = 50;

/** Widths, chunks and lengths that tests have time for; kinds of layers, optimisers and conventions as they are. */
const small: TrainConfigChoices["model"] = {
  width: 16,
  heads: 2,
  headWidth: 8,
  feedForwardWidth: 24,
  vocabulary: 256,
  positions: { kind: "axial", shape: [8, 8], widths: [4, 12] },
  feedForwardChunk: 32,
  lossChunk: 32,
};
const shortened: Readonly<Record<keyof typeof presets, TrainConfigChoices>> = {
  "bytes-small": { model: { local: { chunk: 16 }, lsh: { chunk: 16 } } },
  "bytes-medium": { model: { lsh: { chunk: 8 } } },
  "bytes-recurrent": { model: { lsh: { chunk: 8 }, feedForward: { recurrent: { units: 8 } } } },
  "bytes-long": { model: { local: { chunk: 16 }, lsh: { chunk: 16 } } },
  novel: { model: { local: { chunk: 16 }, lsh: { chunk: 16 } }, data: { tokens: "bytes" } },
  transformer: {},
  reversible: { model: { local: { chunk: 16 } } },
  "lsh-stored": { model: { local: { chunk: 16 }, lsh: { chunk: 16 } } },
  music: { model: { lsh: { chunk: 8 } }, data: { tokens: "bytes" } },
};

function operationsOfPresets(wasm: Backend): readonly Operation[] {
  const found = new Map<string, Operation>();
  for (const [preset, { model, data }] of Object.entries(shortened)) {
    const config = trainConfig({
      preset: preset as keyof typeof presets,
      model: { ...small, ...model },
      training: { batch: 1, length: 48 },
      data,
    });
    harvest(trainStepOf(config, wasm), found);
  }
  return [...found.values()];
}

await describeWithDevice("operations of training steps on WebGPU", () => {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await openWebGpu();
  });
  afterAll(() => gpu.dispose());

  it("give what their reference gives", { timeout: 300_000 }, async () => {
    const operations = operationsOfPresets(await init("wasm"));
    setBackend(gpu);
    for (let begin = 0; begin < operations.length; begin += perRead) {
      const some = operations.slice(begin, begin + perRead);
      const late = some.map(({ equation: { primitive, params }, operands }) =>
        evaluate({ primitive, params, tolerance: 0 }, operands.map(flushed)),
      );
      const got = await toHost(late);
      some.forEach((operation, i) => checkOperation(operation, got[i].map(flushed)));
    }
    expect(operations.length).toBeGreaterThanOrEqual(450);
    expect(
      new Set(operations.map(({ equation }) => equation.primitive.name)).size,
    ).toBeGreaterThanOrEqual(55);
    expect(operations.filter(isEmpty).length).toBeLessThan(operations.length / 10);
  });
});

/** Of zeros alone, which tell little. */
const isEmpty = ({ operands }: Operation): boolean =>
  operands.length > 0 && operands.every((each) => each.words().every((word) => word === 0));
