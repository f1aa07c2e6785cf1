import {
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type BufferReference,
  type ElementwiseCluster,
  type KernelCalls,
  type KernelStep,
  type MatrixProduct,
  type PlacedCall,
} from "../../../plan/index.ts";
import type { KernelSource } from "../wgsl/kernel-source.ts";
import { plainProduct, productName, productThrough, type ProductForm } from "./product-kernels.ts";
import { aligned } from "./recipe.ts";
import { sumCalls } from "./reduce.ts";
import { tileOf, type Tile, type TileChoice } from "./tiles.ts";

/** Most terms that one workgroup adds up: longer sums are cut, so that products with few results fill the machine. */
const depth = 4096;

const blocksOf = (k: number): number => Math.max(1, Math.ceil(k / depth));

/** Numbers of a call behind which the number of its epilogue stands. */
const ownImmediates = 16;

/** From how many results on a product is carried out otherwise. */
export interface ProductOptions extends ProductForm {
  readonly fuseProductsFrom: number;
  /** The tiles that are taken instead of those of the table. */
  readonly tiles: TileChoice;
}

/** The matrix products of a program, and the kernels of those whose results go through a cluster. */
export class Products {
  readonly #through: KernelSource[] = [];
  readonly #options: ProductOptions;
  readonly #plain: KernelSource;

  constructor(options: ProductOptions) {
    this.#options = options;
    this.#plain = plainProduct(options);
  }

  /** How a product is carried out: in one kernel, or in blocks of its terms that are then added up in order. */
  contract(product: MatrixProduct): KernelCalls {
    const { batch, m, n, k } = product;
    const blocks = blocksOf(k);
    const target = blocks === 1 ? outputBuffer(0) : workspaceBuffer(0);
    const multiply = this.#step(product, [target]);
    if (blocks === 1) return { steps: [multiply] };
    const size = batch * m * n;
    const sums = sumCalls(
      { outer: 1, length: blocks, inner: size },
      target,
      outputBuffer(0),
      aligned(blocks * size),
    );
    return {
      ...sums,
      steps: [multiply, ...sums.steps.map((step) => ({ ...step, flops: 0 }))],
    };
  }

  /** A product whose results go through a cluster, as its input number `through`, before they are stored. Not where they are sums of blocks. */
  contractThrough(
    product: MatrixProduct,
    cluster: ElementwiseCluster,
    through: number,
  ): KernelCalls | undefined {
    const { batch, m, n, k } = product;
    if (blocksOf(k) > 1 || batch * m * n < this.#options.fuseProductsFrom) return undefined;
    const number = this.#through.push(productThrough(cluster, through, this.#options)) - 1;
    const others = cluster.inputs.slice(1).map((_, i) => inputBuffer(2 + i));
    const results = cluster.outputs.map((_, i) => outputBuffer(i));
    const { immediates, ...step } = this.#step(product, [...results, ...others]);
    return { steps: [{ ...step, immediates: [...immediates, number] }] };
  }

  kernel({ kernel, immediates }: PlacedCall): KernelSource | undefined {
    if (kernel !== productName) return undefined;
    return immediates.length > ownImmediates
      ? this.#through[immediates[ownImmediates]]
      : this.#plain;
  }

  #step(product: MatrixProduct, others: readonly BufferReference[]): KernelStep {
    const { batch, m, n, k } = product;
    return {
      kernel: productName,
      buffers: [inputBuffer(0), inputBuffer(1), ...others],
      immediates: immediatesOf(product, this.#tile(m, n)),
      work: 2 * batch * m * n * k,
    };
  }

  #tile(m: number, n: number): Tile {
    const { half, tiles } = this.#options;
    if (!half?.matrices) return tileOf(m, n, tiles);
    const { m: rows, n: columns, k: terms } = half.matrices;
    return { rows: 4 * rows, columns: 4 * columns, step: 2 * terms };
  }
}

/** What a product's kernel is called with. */
export const immediatesOf = (
  { batch, m, n, k, lhs, rhs }: MatrixProduct,
  { rows, columns, step }: Tile,
): readonly number[] =>
  [rows, columns, step, Number(lhs.contract === 1), Number(rhs.contract === 1)]
    .concat([batch, m, n, k, depth])
    .concat([lhs.batch, lhs.free, lhs.contract])
    .concat([rhs.batch, rhs.contract, rhs.free]);
