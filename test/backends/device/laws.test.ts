/** The law of backends where reading is late: programs first, one read for many of them. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { init, toHost } from "../../../src/index.ts";
import { setBackend, type Backend } from "../../../src/ir/backend.ts";
import { generators } from "../../primitives/generators.ts";
import { operandsOf } from "../../primitives/generators/case.ts";
import { agree } from "../../primitives/laws/comparison.ts";
import { primitives } from "../../primitives/laws/primitives.ts";
import { evaluate } from "../../primitives/laws/subject.ts";
import { PretendedDevice } from "../../support/device/device.ts";

const perRead = 50;

const subjects = primitives.flatMap((primitive) => {
  const { cases = [], tolerance = 0 } = generators[primitive.name] ?? {};
  return cases.map((each, index) => ({ primitive, each, tolerance, index }));
});

describe.each(["reference", "wasm"] as const)("law 'backends' on a device around %s", (name) => {
  let reference: Backend;
  let device: PretendedDevice;
  beforeAll(async () => {
    reference = await init("reference");
    device = new PretendedDevice(await init(name));
  });
  afterAll(() => device.dispose());

  it("holds for every case of every primitive", async () => {
    const seed = 7;
    for (let begin = 0; begin < subjects.length; begin += perRead) {
      const some = subjects.slice(begin, begin + perRead).map((subject) => {
        const [operands] = fc.sample(operandsOf(subject.each), { numRuns: 1, seed: seed + begin });
        return { ...subject, params: subject.each.params, operands };
      });
      setBackend(device);
      const late = some.map((subject) => evaluate(subject, subject.operands));
      expect(late.flat().every(({ place }) => place === "pretended")).toBe(true);
      const got = await toHost(late);
      setBackend(reference);
      some.forEach((subject, i) => {
        const { primitive, index, params, operands, tolerance } = subject;
        const what = `${primitive.name} case ${index} ${JSON.stringify(params)}, seed ${seed + begin}`;
        evaluate(subject, operands).forEach((expected, k) =>
          agree(got[i][k], expected, tolerance, what),
        );
      });
    }
    expect(subjects.length).toBeGreaterThanOrEqual(1500);
    expect(device.counts.runs).toBeGreaterThanOrEqual(subjects.length);
    expect(device.counts.reads).toBe(Math.ceil(subjects.length / perRead));
  });
});
