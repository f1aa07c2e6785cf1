import { BackendError } from "../../core/errors.ts";

/** Matrices that a subgroup multiplies together: `m` x `n` results of `k` terms in f16, added up in f32. */
export interface SubgroupMatrices {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Threads of a subgroup. */
  readonly subgroup: number;
}

/** How products of operands that are rounded to f16 are carried out. */
export interface HalfProducts {
  /** Absent where the device has none that fit: then by tiles, as products in f32. */
  readonly matrices?: SubgroupMatrices;
}

export const f16Feature = "shader-f16";
export const matrixFeature = "chromium-experimental-subgroup-matrix";

/** What is asked of a device that multiplies so. */
export type HalfDevice = Pick<GPUDevice, "limits"> & {
  readonly features: { has(name: string): boolean };
};

/** What an adapter says of Dawn's matrices: an experiment, which WebGPU's own declarations do not have yet. */
export interface MatrixInfo {
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
  readonly subgroupMatrixConfigs?: Iterable<MatrixConfig>;
}

interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/**
 * What a device has for products with operands in f16.
 *
 * @throws BackendError where it has no f16
 */
export function halfProducts(device: HalfDevice, info: MatrixInfo): HalfProducts {
  if (!device.features.has(f16Feature)) {
    throw new BackendError("the device multiplies no numbers of 16 bits", {
      where: "webgpu",
      expected: `the feature ${f16Feature}, for products: "f16"`,
      got: "a device without it",
      fix: 'Leave `products` out, or say "f32".',
    });
  }
  const matrices = device.features.has(matrixFeature) ? matricesOf(info, device.limits) : undefined;
  return matrices ? { matrices } : {};
}

/** The largest matrices of f16 with sums in f32 that the kernel can work with. */
function matricesOf(
  { subgroupMinSize, subgroupMaxSize: subgroup, subgroupMatrixConfigs = [] }: MatrixInfo,
  limits: GPUSupportedLimits,
): SubgroupMatrices | undefined {
  // Which thread is in which subgroup must not be the driver's choice.
  if (subgroup === undefined || subgroup !== subgroupMinSize) return undefined;
  return [...subgroupMatrixConfigs]
    .filter(
      ({ componentType, resultComponentType }) =>
        componentType === "f16" && resultComponentType === "f32",
    )
    .map(({ M, N, K }): SubgroupMatrices => ({ m: M, n: N, k: K, subgroup }))
    .filter((each) => fits(each, limits))
    .toSorted((a, b) => b.m * b.n * b.k - a.m * a.n * a.k)
    .at(0);
}

/** Whether a workgroup of matmulSubgroups.wgsl has room on the device. */
function fits({ m, n, k, subgroup }: SubgroupMatrices, limits: GPUSupportedLimits): boolean {
  const [rows, columns, step] = [4 * m, 4 * n, 2 * k];
  const bytes = 2 * (rows * (step + 8) + step * (columns + 8)) + 4 * rows * columns;
  return (
    step % 4 === 0 &&
    4 * subgroup <= limits.maxComputeInvocationsPerWorkgroup &&
    bytes <= limits.maxComputeWorkgroupStorageSize
  );
}
