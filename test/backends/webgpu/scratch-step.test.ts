import { expect, test } from "vitest";
import { createWebGpuBackend } from "../../../src/backends/webgpu/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import { init, toHost } from "../../../src/index.ts";
import { reformerModel, runKeys, trainConfig } from "../../../src/training/index.ts";
import { array } from "../../../src/numpy/index.ts";
import * as tree from "../../../src/core/tree.ts";

const config = trainConfig({
  model: { layers: ["local", "lsh"], width: 32, heads: 2, headWidth: 16, feedForwardWidth: 64, dropout: 0.1, attentionDropout: 0.1, activation: "gelu", lsh: { chunk: 16, rounds: 2 }, local: { chunk: 16 }, positions: { kind: "axial", shape: [8, 16], widths: [16, 16] } } as never,
  training: { batch: 1, length: 128, schedule: { kind: "constant", rate: 0.001, horizon: 10 }, update: process.env.UPDATE, clip: null } as never,
});

test("step", async () => {
  const wasm = await init("wasm");
  const gpu = await createWebGpuBackend({ windowBytes: process.env.WINDOW ? Number(process.env.WINDOW) : undefined });
  const model = reformerModel(config);
  const text = new TextEncoder().encode("to be or not to be ".repeat(50));
  const results: any[] = [];
  for (const backend of [wasm, gpu]) {
    setBackend(backend);
    const keys = runKeysOnHost(wasm, backend);
    setBackend(wasm);
    let state = model.init(keys.initial);
    const stepKeys = [0, 1, 2].map((i) => keys.step(i));
    setBackend(backend);
    const losses: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const t0 = performance.now();
      const result = model.step(state, batchOf(), stepKeys[i]);
      state = result.state;
      const metrics = await toHost(result.metrics);
      console.log(backend.name, performance.now() - t0, "ms", JSON.stringify(tree.map((t: any) => t.toArray(), metrics)));
      losses.push(metrics.loss.item());
    }
    results.push({ losses, state: await toHost(state) });
  }
  const [a, b] = results.map((r) => tree.leaves(r.state) as any[]);
  let worst = 0;
  a.forEach((t, i) => { const x = t.words(), y = b[i].words(); let big = 0, diff = 0; x.forEach((v: number, k: number) => { big = Math.max(big, Math.abs(v)); diff = Math.max(diff, Math.abs(v - y[k])); }); worst = Math.max(worst, diff / (big || 1)); });
  console.log("worst state difference", worst);
  expect(1).toBe(1);
  function batchOf(): any { return array([Array.from(text.slice(0, 129))], "i32"); }
}, 600000);

function runKeysOnHost(wasm: any, _backend: any) { setBackend(wasm); return runKeys(0); }
