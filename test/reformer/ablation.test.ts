import { expect, it } from "vitest";
import { array, zerosLike } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  initParams,
  logits,
  type Ablation,
  type ReformerConfig,
} from "../../src/reformer/index.ts";
import { presets } from "../../src/training/config/presets.ts";
import { parseTrainConfig } from "../../src/training/index.ts";
import { describeBackends } from "../support/backends.ts";

/** A tiny model of one local and one lsh layer, configured as users do. */
function smallConfig(): ReformerConfig {
  const { model, ...rest } = presets["bytes-small"];
  const small = {
    ...model,
    width: 16,
    headWidth: 8,
    feedForwardWidth: 16,
    local: { chunk: 8, before: 1, after: 0 },
    lsh: { ...model.lsh, chunk: 8 },
    positions: { kind: "axial", shape: [8, 64], widths: [8, 8] },
  };
  const parsed = parseTrainConfig({ ...structuredClone(rest), model: structuredClone(small) });
  if (parsed._tag === "Left") throw new Error(JSON.stringify(parsed.left));
  return parsed.right.model;
}

const config = smallConfig();
const tokens = array([Array.from({ length: 48 }, (_, i) => (i * i * 7) % 31)], "i32");

describeBackends("ablations", () => {
  const run = (params: ReturnType<typeof initParams>, ablation?: Ablation): Float32Array =>
    Float32Array.from(logits(config, params, tokens, key(1), { ablation }).dataSync());

  it("silence the layers of one kind as zero output projections would", () => {
    const params = initParams(config, key(0));
    const layers = params.layers.map((layer, i) => {
      const attention = layer.f;
      const parts = { ...attention.parts, output: zerosLike(attention.parts.output) };
      return config.layers[i] === "lsh" ? { ...layer, f: { ...attention, parts } } : layer;
    });
    const silent = run(params, "lsh-output");
    expect(silent).toEqual(run({ ...params, layers }));
    expect(silent).not.toEqual(run(params));
    expect(run(params, "local-output")).not.toEqual(silent);
  });

  it("shuffle the buckets: other keys are seen, in the same number of buckets", () => {
    const params = initParams(config, key(0));
    const shuffled = run(params, "lsh-buckets");
    expect(shuffled).not.toEqual(run(params));
    expect(shuffled).toEqual(run(params, "lsh-buckets"));
    expect(shuffled.every(Number.isFinite)).toBe(true);
  });
});
