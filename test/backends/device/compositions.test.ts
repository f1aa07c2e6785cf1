import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { init, jit, vjp, vmap, toHost, type Backend, type Value } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { expectSameBits, f32, i32 } from "../../support/arrays.ts";
import { PretendedDevice } from "../../support/device/device.ts";
import { build, descriptions, orderOf, width } from "../../transforms/compositions.ts";

let wasm: Backend;
let device: PretendedDevice;
beforeAll(async () => {
  wasm = await init("wasm");
  device = new PretendedDevice(wasm);
});
afterAll(() => device.dispose());

const compositions = descriptions
  .filter((description) => orderOf(description) <= 1)
  .map((description) => {
    const { text, ...functions } = build(description);
    return { ...functions, toString: () => text };
  });

it("any composition of transformations has the bits of the host, and reads nothing on its way", async () => {
  const point = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: width, maxLength: width });
  await fc.assert(
    fc.asyncProperty(compositions, point, fc.nat(2), async ({ apply, reverse }, eighths, i) => {
      const words = eighths.map((n) => n / 8);
      const at = (backend: Backend): readonly Value[] => {
        setBackend(backend);
        // On a device the scalar is one too: closed over, it becomes an input of every trace.
        const [x, index] = [f32([width], words), np.add(i32([], [i]), i32([], [0]))];
        const pull = (y: Value): Value => vjp((z: Value) => apply(z, index), y)[1](x)[0];
        const rows = f32([2, width], [...words, ...words]);
        return [
          apply(x, index),
          jit(apply)(x, index),
          vmap(apply, { inAxes: [0, null] })(rows, index),
          ...(reverse ? [pull(x), jit(pull)(x)] : []),
        ];
      };
      const { reads } = device.counts;
      const late = at(device);
      expect(device.counts.reads).toBe(reads);
      const got = await toHost(late);
      at(wasm).forEach((expected, k) => expectSameBits(got[k], expected, `result ${k}`));
    }),
    { numRuns: 40 },
  );
});
