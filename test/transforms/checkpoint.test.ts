import { afterEach, expect, it } from "vitest";
import { checkpoint, debug, grad, jit, vjp, type Value } from "../../src/index.ts";
import { scan } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { setPrinter } from "../../src/transforms/debug-print.ts";
import { expectSameBits, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

describeBackends("checkpoint", (backend) => {
  const lines: string[] = [];
  const listen = (): string[] => {
    lines.length = 0;
    setPrinter((line) => lines.push(line));
    return lines;
  };
  afterEach(() => setPrinter((line) => globalThis.console.log(line)));

  it("computes its function twice, and has the bits of the function without it", () => {
    const block = (x: Value): Value => {
      debug.print("forward");
      return np.sum(np.sin(np.mul(x, np.sin(x))));
    };
    const x = normalTensor(1, [7]);
    const heard = listen();
    const plain = jit(grad(block))(x);
    expect(heard.length).toBe(1);
    heard.length = 0;
    expectSameBits(jit(grad(checkpoint(block)))(x), plain, "gradient");
    expect(heard.length).toBe(2);
    heard.length = 0;
    checkpoint(block)(x);
    expect(heard.length).toBe(1);
  });

  it("makes memory grow with the carries alone", () => {
    const layer = (x: Value, w: Value): Value => {
      let y = x;
      for (let i = 0; i < 6; i++) y = np.tanh(np.mul(w, np.sin(y)));
      return np.add(x, y);
    };
    const stackOf =
      (body: typeof layer) =>
      (ws: Value, x: Value): Value =>
        np.sum(scan((c: Value, w: Value) => [body(c, w), null], x, ws)[0]);
    const [ws, x] = [normalTensor(2, [16, 256]), normalTensor(3, [256])];
    const [stored, recomputed] = [layer, checkpoint(layer)].map((body) => jit(grad(stackOf(body))));
    expectSameBits(recomputed(ws, x), stored(ws, x), "gradient");
    if (backend === "reference") return;
    const peaks = [stored, recomputed].map((f) => f.lower(ws, x).report.peakBytes);
    const carries = 16 * 256 * 4;
    expect(peaks[0] - peaks[1]).toBeGreaterThan(4 * carries);
  });

  it("nests, and passes trees and integers through", () => {
    const inner = checkpoint((p: { readonly w: Value; readonly n: Value }) => ({
      y: np.mul(p.w, np.astype(p.n, "f32")),
      n: np.add(p.n, 1),
    }));
    const outer = checkpoint((w: Value) => {
      const first = inner({ w, n: np.array(2, "i32") });
      return inner({ w: np.sin(first.y), n: first.n }).y;
    });
    const w = np.array(0.3);
    const [y, pullBack] = vjp(outer, w);
    expect(y.item()).toBeCloseTo(3 * Math.sin(0.6), 5);
    expect(pullBack(np.array(1))[0].item()).toBeCloseTo(6 * Math.cos(0.6), 5);
  });
});
