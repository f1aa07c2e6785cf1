/** The second half of a layer, by loops over plain numbers: what it adds to rows of a stream. */
import type { Value } from "../../src/index.ts";
import type { DenseParams } from "../../src/nn/index.ts";
import type {
  FeedForwardParams,
  NormParams,
  ProductKeyBlockParams,
  RecurrentParams,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { rowsOf } from "../support/arrays.ts";
import { memoryByTable, sigmoid, unitByLoop, wordsOf } from "./memory-layers.ts";

type Rows = number[][];

/** Activations whose formulas are short. */
export const plainActivations = {
  relu: (x: number): number => Math.max(0, x),
  tanh: Math.tanh,
  silu: (x: number): number => x * sigmoid(x),
  sigmoid,
} as const;

type PlainActivation = keyof typeof plainActivations;

const denseOf = (rows: Rows, { kernel, bias }: DenseParams): Rows => {
  const columns = kernel.shape[1];
  const weights = rowsOf(wordsOf(kernel), columns);
  const shift = bias ? wordsOf(bias) : weights[0].map(() => 0);
  return rows.map((row) =>
    shift.map((b, j) => row.reduce((sum, x, i) => sum + x * weights[i][j], b)),
  );
};

function normOf(rows: Rows, kind: string, params: NormParams, epsilon: number): Rows {
  if (kind === "none" || params === null) return rows;
  const gamma = wordsOf(params.gamma);
  const beta = "beta" in params ? wordsOf(params.beta) : null;
  return rows.map((row) => {
    const count = row.length;
    const mean = kind === "layer" ? row.reduce((sum, x) => sum + x, 0) / count : 0;
    const square = row.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const size =
      kind === "scale" ? Math.max(Math.sqrt(square), epsilon) : Math.sqrt(square / count + epsilon);
    return row.map((x, j) => ((x - mean) / size) * (gamma[j] ?? gamma[0]) + (beta?.[j] ?? 0));
  });
}

const fed = (
  rows: Rows,
  config: ReformerConfig,
  { inner, outer }: Pick<FeedForwardParams, "inner" | "outer">,
): Rows => {
  const apply = plainActivations[config.activation as PlainActivation];
  const half = config.feedForwardWidth;
  const hidden = denseOf(rows, inner).map((row) =>
    config.feedForward?.gated
      ? row.slice(0, half).map((x, j) => apply(x) * row[half + j])
      : row.map(apply),
  );
  return denseOf(hidden, outer);
};

const plus = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((x, j) => x + b[i][j]));

/** What is added to the rows of sequences of `length`, without dropout. */
export function secondHalfByLoop(
  config: ReformerConfig,
  params: unknown,
  rows: Rows,
  length: number,
  epsilon: number,
): Rows {
  const { residual = {}, feedForward = {} } = config;
  const { norm: kind = "layer", normAt = "before", gain } = residual;
  const { recurrent, productKeys } = feedForward;
  const own = params as FeedForwardParams & ProductKeyBlockParams & RecurrentParams;
  const around = (recurrent && !productKeys ? own.shared : own) as {
    norm: NormParams;
    gain?: Value;
  };
  const before = normAt === "before" ? normOf(rows, kind, around.norm, epsilon) : rows;
  const made = (): Rows => {
    if (productKeys) {
      return before.map((row) => memoryByTable(own.memory, row, productKeys.best ?? 32, epsilon));
    }
    if (!recurrent) return fed(before, config, own);
    const { inner, outer, units, dense } = own.shared;
    const signal = inner ? denseOf(before, inner) : before;
    const recurred = units.reduce((at, { kernel, bias }) => {
      const texts = Array.from({ length: at.length / length }, (_, n) =>
        at.slice(n * length, (n + 1) * length),
      );
      const width = at[0].length;
      const shift = bias ? wordsOf(bias) : [];
      const flat = unitByLoop(
        texts,
        rowsOf(wordsOf(kernel), 3 * width),
        shift,
        false,
        Math.sqrt(3),
      );
      return rowsOf(flat, width);
    }, signal);
    const out = outer ? denseOf(recurred, outer) : recurred;
    return dense ? plus(fed(before, config, dense), out) : out;
  };
  const all = made();
  const after = normAt === "after" ? normOf(all, kind, around.norm, epsilon) : all;
  const factor = gain && around.gain ? wordsOf(around.gain)[0] : 1;
  return after.map((row) => row.map((x) => factor * x));
}
