/** Simple recurrent units and product-key memories, by loops over plain numbers. */
import type { Tensor, Value } from "../../src/index.ts";
import type { ProductKeyParams } from "../../src/nn/index.ts";
import { rowsOf } from "../support/arrays.ts";

/** The numbers of an array. */
export const wordsOf = (x: Value): number[] => Array.from((x as Tensor).words());

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The rows of x[N, L, d], sequence after sequence, by the formulas of trax. */
export function unitByLoop(
  x: number[][][],
  kernel: number[][],
  bias: number[],
  tanh: boolean,
  highway: number,
) {
  return x.flatMap((rows) => {
    const width = rows[0].length;
    let state = rows[0].map(() => 0);
    return rows.flatMap((row) => {
      const at = (column: number): number =>
        row.reduce((sum, value, i) => sum + value * kernel[i][column], bias[column]);
      state = state.map((c, j) => {
        const f = sigmoid(at(width + j));
        return f * c + (1 - f) * at(2 * width + j);
      });
      return state.map((c, j) => {
        const r = sigmoid(at(j));
        return r * (tanh ? Math.tanh(c) : c) + (1 - r) * highway * row[j];
      });
    });
  });
}

/** Every row of the memory scored, the best ones read. */
export function memoryByTable(
  params: ProductKeyParams,
  row: readonly number[],
  best: number,
  epsilon: number,
): number[] {
  const [heads, , count, half] = params.keys.shape;
  const kernel = rowsOf(wordsOf(params.query.kernel), 2 * half * heads);
  const [gamma, beta] = [wordsOf(params.norm.gamma), wordsOf(params.norm.beta)];
  const keys = rowsOf(wordsOf(params.keys), half);
  const values = rowsOf(wordsOf(params.values), params.values.shape[1]);
  const out = values[0].map(() => 0);
  for (let head = 0; head < heads; head++) {
    const halves = [0, 1].map((side) => {
      const at = (2 * head + side) * half;
      const query = gamma.map((_, j) => row.reduce((sum, x, i) => sum + x * kernel[i][at + j], 0));
      const mean = query.reduce((sum, x) => sum + x, 0) / half;
      const variance = query.reduce((sum, x) => sum + (x - mean) ** 2, 0) / half;
      const normed = query.map(
        (x, j) => ((x - mean) / Math.sqrt(variance + epsilon)) * gamma[j] + beta[j],
      );
      return Array.from({ length: count }, (_, n) =>
        keys[(2 * head + side) * count + n].reduce((sum, k, j) => sum + k * normed[j], 0),
      );
    });
    const scored = values.map((_, at) => ({
      at,
      score: halves[0][Math.floor(at / count)] + halves[1][at % count],
    }));
    const chosen = scored.sort((a, b) => b.score - a.score).slice(0, best);
    const total = chosen.reduce((sum, { score }) => sum + Math.exp(score - chosen[0].score), 0);
    for (const { at, score } of chosen) {
      const weight = Math.exp(score - chosen[0].score) / total;
      values[at].forEach((value, i) => (out[i] += weight * value));
    }
  }
  return out;
}
