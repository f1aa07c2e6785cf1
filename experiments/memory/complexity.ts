import type { Table } from "../frame/table.ts";
import type { Readings } from "./readings.ts";
import { kindNames, type Kind } from "./settings.ts";

/**
 * Table 3 of the paper: b sequences, l tokens, n_l layers, n_h heads, n_r rounds, c for the square of the 128 tokens that a
 * chunk sees. Two kinds are not in it.
 */
const published: Readonly<Record<Kind, readonly [memory: string, time: string]>> = {
  "Transformer, L x L": ["max(b l d_ff, b n_h l^2) n_l", "(b l d_ff + b n_h l^2) n_l"],
  "Transformer, fused": ["-", "-"],
  "LSH, stored": ["max(b l d_ff, b n_h l n_r c) n_l", "(b l d_ff + b n_h n_r l c) n_l"],
  Reversible: ["max(b l d_ff, b n_h l^2)", "(b l d_ff + b n_h l^2) n_l"],
  "Reversible, chunks": ["max(b l d_model, b n_h l^2)", "(b l d_ff + b n_h l^2) n_l"],
  Reformer: ["-", "-"],
  "Reformer, chunks": ["max(b l d_model, b n_h l n_r c)", "(b l d_ff + b n_h n_r l c) n_l"],
};

/** The paper's table with exponents as they were measured: how memory and operations grow. */
export const complexityTable = ({ ofLength, ofDepth, ofRounds }: Readings): Table => ({
  title:
    "Exponents of length l (between the longest two), layers n_l and rounds n_r: planned memory without the parameters' gradients, and planned operations; beside the paper's table 3",
  columns: [
    "model",
    ...(["memory", "time"] as const).flatMap((quantity) => [
      `${quantity}, l`,
      "n_l",
      "n_r",
      `${quantity}, paper`,
    ]),
  ],
  rows: kindNames.map((kind) => [
    kind,
    ...(["memory", "time"] as const).flatMap((quantity, i) => [
      ...[ofLength, ofDepth, ofRounds].map((of) => of(kind, quantity)?.toFixed(2) ?? ""),
      published[kind][i],
    ]),
  ]),
});
