/*
 * Products of operands that are rounded to f16: what a device must have, what is planned for one that is pretended, and, on a driver that
 * multiplies so (lavapipe does, SwiftShader does not), what comes out.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { halfProducts, type MatrixInfo } from "../../../src/backends/webgpu/half-products.ts";
import type { WebGpuBackend, WebGpuOptions } from "../../../src/backends/webgpu/index.ts";
import { gpuTarget } from "../../../src/backends/webgpu/target.ts";
import { kernelText } from "../../../src/backends/webgpu/wgsl/kernel-text.ts";
import { libraryFor } from "../../../src/backends/webgpu/wgsl/library.ts";
import { init, jit, toHost, type Tensor, type Value } from "../../../src/index.ts";
import { stage } from "../../../src/ir/builder.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { defaultFlags, planProgram } from "../../../src/plan/index.ts";
import { f32 } from "../../support/arrays.ts";
import { normals } from "../../support/random-data.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice, openDevice, requestAdapter } from "../../support/webgpu-device.ts";

const limits = {
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupStorageSize: 48 * 1024,
} as GPUSupportedLimits;
const config = (size: number, componentType = "f16", resultComponentType = "f32") => ({
  componentType,
  resultComponentType,
  M: size,
  N: size,
  K: size,
});
const planned = (features: readonly string[], info: MatrixInfo = {}) =>
  halfProducts({ features: new Set(features), limits }, info);
const both = ["shader-f16", "chromium-experimental-subgroup-matrix"];
const ofWarps = { subgroupMinSize: 32, subgroupMaxSize: 32 };

describe("what a device must have", () => {
  it("without f16 an error says so", () => {
    expect(() => planned([])).toThrow(
      /multiplies no numbers of 16 bits.*the feature shader-f16.*say "f32"/s,
    );
  });

  it("the largest matrices that fit are taken, none where subgroups have several sizes", () => {
    const subgroupMatrixConfigs = [config(8), config(16), config(32), config(64, "u8", "u32")];
    expect(planned(both, { ...ofWarps, subgroupMatrixConfigs })).toEqual({
      matrices: { m: 16, n: 16, k: 16, subgroup: 32 },
    });
    const mixed = { ...ofWarps, subgroupMinSize: 16, subgroupMatrixConfigs };
    expect(planned(both, mixed)).toEqual({});
    expect(planned(both)).toEqual({});
    expect(planned(["shader-f16"], { ...ofWarps, subgroupMatrixConfigs })).toEqual({});
  });

  it("plans the kernels that its device has, and hashes with those of f32", async () => {
    setBackend(await init("reference"));
    const { program } = stage(
      (x, w) => [np.matmul(x, w)],
      [f32([70, 40], [...normals(1, 2800)]), f32([40, 20], [...normals(2, 800)])].map(
        ({ aval }) => aval,
      ),
    );
    const half = { matrices: { m: 16, n: 16, k: 16, subgroup: 32 } };
    const { target, kernelOf } = gpuTarget({ half });
    const calls = planProgram(program, target, defaultFlags).main.steps.flatMap(({ body }) =>
      body.kind === "kernel" ? [body] : [],
    );
    const kernel = kernelOf(calls[0]);
    const { immediates } = calls[0];
    expect(kernel.name).toBe("matmul (f16 by subgroups of 32)");
    expect(kernel.workgroupSize).toBe(128);
    expect(kernel.count(immediates)).toBe(2);
    const variant = { constants: immediates.slice(0, 5), windows: [0, 0, 0] };
    const text = kernelText(kernel, variant, libraryFor(kernel.body, true));
    expect(text).toMatch(
      /^enable f16;\nenable subgroups;\nenable chromium_experimental_subgroup_matrix;\n/,
    );
    expect(text).toContain("@builtin(subgroup_id) subgroup: u32");
    // Hashing has a kernel of its own, which knows nothing of this.
    expect(target.kernels.has("lshHash")).toBe(true);
  });
});

const adapter = await requestAdapter();
const hasHalf = adapter?.features.has("shader-f16") === true;
if (adapter && !hasHalf) {
  console.warn(
    "skipped, products in f16 on a device: the driver has no shader-f16 (lavapipe does)",
  );
}

await describeWithDevice("products in f16", () => {
  it.runIf(!hasHalf)("are refused by a driver that has none", async () => {
    await expect(openWebGpu({ products: "f16" })).rejects.toThrow("the feature shader-f16");
  });

  const tiled = async (): Promise<WebGpuOptions> => ({
    device: await openDevice({ requiredFeatures: ["shader-f16"] }),
  });
  const machines = [
    ["by tiles", tiled],
    ["by matrices of subgroups where there are some", async () => ({})],
  ] as const satisfies readonly (readonly [string, () => Promise<WebGpuOptions>])[];

  describe.runIf(hasHalf).each(machines)("on a driver that has them, %s", (_, options) => {
    const backends: WebGpuBackend[] = [];
    beforeAll(async () => {
      for (const [quadsFrom, fuseProductsFrom] of [
        [0, 0],
        [2 ** 40, 2 ** 40],
      ]) {
        const given = { products: "f16", quadsFrom, fuseProductsFrom } as const;
        backends.push(await openWebGpu({ ...given, ...(await options()) }));
      }
    });
    afterAll(async () => {
      for (const backend of backends) await backend.dispose();
      await init("reference");
    });

    it.each([
      [37, 70, 33],
      [64, 132, 72],
      [3, 5000, 4],
    ])(
      "are within 2^-10 of the magnitudes, to the same bits: %i x %i x %i",
      { timeout: 120_000 },
      async (m, k, n) => {
        const [a, b, bias] = [normals(m, m * k), normals(n, k * n), normals(k, n)];
        const compute = jit((x: Value, y: Value, z: Value) => np.add(np.matmul(x, y), z));
        const results: Tensor[] = [];
        for (const backend of [...backends, ...backends]) {
          setBackend(backend);
          const result = compute(f32([m, k], [...a]), f32([k, n], [...b]), f32([n], [...bias]));
          results.push((await toHost(result)) as Tensor);
        }
        const [first, ...others] = results.map((result) => result.words() as Float32Array);
        for (const other of others) expect(other).toEqual(first);
        let isRounded = false;
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let [sum, magnitude] = [bias[j], Math.abs(bias[j])];
            for (let p = 0; p < k; p++) {
              const product = a[i * k + p] * b[p * n + j];
              sum += product;
              magnitude += Math.abs(product);
            }
            const error = Math.abs(first[i * n + j] - sum);
            expect(error).toBeLessThan(2 ** -10 * magnitude);
            isRounded ||= error > 2 ** -20 * magnitude;
          }
        }
        expect(isRounded).toBe(true);
      },
    );
  });
});
