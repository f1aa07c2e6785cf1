import tiles from "../../../../shaders/matmul.wgsl";
import subgroups from "../../../../shaders/matmulSubgroups.wgsl";
import loads from "../../../../shaders/productLoads.wgsl";
import loadsWide from "../../../../shaders/productLoadsWide.wgsl";
import quadsText from "../../../../shaders/productQuads.wgsl";
import store from "../../../../shaders/productStore.wgsl";
import storeWide from "../../../../shaders/productStoreWide.wgsl";
import type { HalfProducts } from "../half-products.ts";
import type { ElementwiseCluster } from "../../../plan/index.ts";
import { quadWords } from "../wgsl/cluster.ts";
import { clusterOperands, elementText, quadFunctions, quadText } from "../wgsl/cluster-text.ts";
import {
  f32,
  i32,
  inFours,
  u32,
  written,
  type ChosenKernel,
  type KernelSource,
  type Operand,
  type RecordedCall,
} from "../wgsl/kernel-source.ts";

/** What becomes of a product's results. */
interface Finish {
  /** Tells kernels apart. */
  readonly name: string;
  /** Behind the two operands. */
  readonly operands: readonly Operand[];
  /** WGSL of `fn finish(t: u32, sum: f32)`, and of `fn finishQuad(t: u32, sums: vec4f)` for four neighbours. */
  readonly text: string;
  readonly wideText: () => string;
  /** Of the words where these operands begin, those that have to be multiples of four for the latter. */
  readonly quadWords: (words: readonly number[]) => readonly number[];
}

const common = u32("ROWS", "COLUMNS", "STEP", "LEFT_ALONG_K", "RIGHT_ALONG_K");
const wide = u32("LEFT_WIDE", "RIGHT_WIDE");
const numbers = [
  ...u32("batch", "m", "n", "k", "depth"),
  ...i32("aBatch", "aRow", "aColumn", "bBatch", "bRow", "bColumn"),
];
const notWide = "const LEFT_WIDE = 0u;\nconst RIGHT_WIDE = 0u;";

/** Workgroups of a product, given its immediates without those constants that only wide ones have. */
const groupsOf = ([rows, columns, , , , batch, m, n, k, depth]: readonly number[]): number =>
  batch * Math.ceil(m / rows) * Math.ceil(n / columns) * Math.max(1, Math.ceil(k / depth));

/** Immediates of a wide kernel without its own constants. */
const withoutWide = (immediates: readonly number[]): readonly number[] => [
  ...immediates.slice(0, common.length),
  ...immediates.slice(common.length + wide.length),
];

export const productName = "matmul";

/** What products are made with. */
export interface ProductForm {
  /** Fewest results of a product that takes four words at a time. */
  readonly quadsFrom: number;
  /** Where operands are rounded to f16. */
  readonly half?: HalfProducts;
}

/** The text that multiplies, and what belongs to it. */
function multiplying(half: HalfProducts | undefined) {
  if (!half)
    return { mark: "", text: `alias Terms = vec4f;\n${tiles}`, workgroupSize: 256 } as const;
  const { matrices } = half;
  if (!matrices) {
    const text = `alias Terms = vec4<f16>;\n${tiles}`;
    return { mark: " (f16)", text, workgroupSize: 256, enables: ["f16"] } as const;
  }
  return {
    mark: ` (f16 by subgroups of ${matrices.subgroup})`,
    text: `const SUBGROUP = ${matrices.subgroup}u;\n${subgroups}`,
    workgroupSize: 4 * matrices.subgroup,
    enables: ["f16", "subgroups", "chromium_experimental_subgroup_matrix"],
    subgroups: true,
  } as const;
}

function productKernel(finish: Finish, { quadsFrom, half }: ProductForm): KernelSource {
  const { mark, text, ...machine } = multiplying(half);
  const base = {
    ...machine,
    name: `${productName}${mark}${finish.name}`,
    granularity: "groups",
    operands: [...f32("a", "b"), ...finish.operands],
    numbers,
  } as const;
  let quads: KernelSource | undefined;
  const quadKernel = (): KernelSource => ({
    ...base,
    name: `${productName}${mark} (wide)${finish.name}`,
    quads: true,
    constants: [...common, ...wide],
    body: [quadsText, text, loadsWide, storeWide, finish.wideText()].join("\n"),
    count: (immediates) => groupsOf(withoutWide(immediates)),
  });
  return {
    ...base,
    constants: common,
    body: [notWide, quadsText, text, loads, store, finish.text].join("\n"),
    count: groupsOf,
    wide: (call): ChosenKernel | undefined => {
      const { immediates, words } = call;
      const [batch, m, n] = immediates.slice(common.length);
      if (batch * m * n < quadsFrom || !inFours(n, ...finish.quadWords(words.slice(2))))
        return undefined;
      quads ??= quadKernel();
      const flags = [isLeftWide(call), isRightWide(call)].map(Number);
      const { length } = common;
      return {
        kernel: quads,
        immediates: [...immediates.slice(0, length), ...flags, ...immediates.slice(length)],
      };
    },
  };
}

/** Whether fours of a product's left operand are neighbours in memory: along its rows, or along k. */
function isLeftWide({ immediates, words }: RecordedCall): boolean {
  const [, , , alongK, , , m, , k, , batch, row, column] = immediates;
  if (alongK === 1) return inFours(words[0], k, batch, row);
  return row === 1 && inFours(words[0], m, batch, column);
}

function isRightWide({ immediates, words }: RecordedCall): boolean {
  const [, , , , alongK, , , n, k, , , , , batch, row, column] = immediates;
  if (alongK === 1) return inFours(words[1], k, batch, column);
  return column === 1 && inFours(words[1], n, batch, row);
}

/** A product that is stored as it is. */
export const plainProduct = (form: ProductForm): KernelSource =>
  productKernel(
    {
      name: "",
      operands: written(f32("to")),
      text: "fn finish(t: u32, sum: f32) { set_to(t, sum); }",
      wideText: () => "fn finishQuad(t: u32, sums: vec4f) { set_to_quad(t, sums); }",
      quadWords: (words) => words,
    },
    form,
  );

/**
 * A product whose results go through a cluster on their way, each rounded before: bits are those of two kernels. The operands behind
 * the product's own are the cluster's results, then its other inputs.
 */
export function productThrough(
  cluster: ElementwiseCluster,
  through: number,
  form: ProductForm,
): KernelSource {
  const operands = clusterOperands(cluster, through);
  const sum = { input: through, text: "guard(sum)" };
  const text = `fn finish(t: u32, sum: f32) {\n  ${elementText(cluster, sum)}\n}`;
  const sums = { input: through, text: "sums" };
  const types = [...operands.results, ...operands.inputs].map(({ type }) => type).join();
  const finish: Finish = {
    name: `(${types}) ${text}`,
    operands: [...operands.results, ...operands.inputs],
    text,
    wideText: () =>
      `${quadFunctions(cluster, through)}fn finishQuad(t: u32, sums: vec4f) {\n  ${quadText(cluster, sums)}\n}`,
    quadWords: (words) => {
      // As if the product were an input in memory, which begins anywhere.
      const at = cluster.outputs.length + through;
      const all = [...words.slice(0, at), 0, ...words.slice(at)];
      return quadWords(cluster, all);
    },
  };
  return productKernel(finish, form);
}
