import type { Table } from "../frame/table.ts";

/** Table 2 of the paper: sequences of 1,024 tokens, two w of 511 symbols each, one layer. */
export const publishedTable: Table = {
  title: "The paper's table 2: length 1024, 127 symbols, per cent",
  columns: ["trained with \\ evaluated with", "full", "LSH-8", "LSH-4", "LSH-2", "LSH-1"],
  rows: [
    ["full", "100", "94.8", "92.5", "76.9", "52.5"],
    ["LSH-4", "0.8", "100", "99.9", "99.4", "91.9"],
    ["LSH-2", "0.8", "100", "99.9", "98.1", "86.8"],
    ["LSH-1", "0.8", "99.9", "99.6", "94.8", "77.9"],
  ],
};
