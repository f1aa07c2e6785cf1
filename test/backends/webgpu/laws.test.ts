/** Every operation computes on WebGPU what the plain interpreter does; reads are late, one for many programs. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { init, toHost, type Backend } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import { agree } from "../../primitives/laws/comparison.ts";
import { evaluate } from "../../primitives/laws/subject.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice } from "../../support/webgpu-device.ts";
import { flushed, operandsFor, seed, subjects } from "./law-subjects.ts";

const perRead = 50;

/** By what share of the largest element results may differ: sums and products of f32 round in another order. */
const reordered = 1e-5;
await describeWithDevice("law 'backends' on WebGPU", () => {
  let reference: Backend;
  let gpu: Backend;
  beforeAll(async () => {
    reference = await init("reference");
    gpu = await openWebGpu();
  });
  afterAll(() => gpu.dispose());

  it("holds for every case of every primitive", { timeout: 300_000 }, async () => {
    for (let begin = 0; begin < subjects.length; begin += perRead) {
      const some = subjects.slice(begin, begin + perRead).map((subject) => {
        return { ...subject, operands: operandsFor(subject) };
      });
      setBackend(gpu);
      const late = some.map((subject) => evaluate(subject, subject.operands));
      expect(late.flat().every(({ place }) => place === "webgpu")).toBe(true);
      const got = await toHost(late);
      setBackend(reference);
      some.forEach((subject, i) => {
        const what = `${subject.name} ${JSON.stringify(subject.params)}, seed ${seed}`;
        const tolerance = Math.max(subject.tolerance, reordered);
        evaluate(subject, subject.operands).forEach((expected, k) =>
          agree(flushed(got[i][k]), flushed(expected), tolerance, what),
        );
      });
    }
    expect(subjects.length).toBeGreaterThanOrEqual(1500);
  });
});
