import { formatTable, type Column } from "../src/cli/table.ts";
import type { Cell, Table } from "./command.ts";

type Row = Table["rows"][number];

/** The rows as text for the terminal. */
export function formatRows({ rows }: Table): string {
  const columns = Object.entries(rows[0] ?? {}).map(([key, first]): Column<Row> => ({
    title: key,
    text: (row) => formatCell(row[key]),
    align: typeof first === "number" ? "right" : "left",
  }));
  return formatTable(columns, rows);
}

/** Four digits are more than the noise leaves. */
const formatCell = (cell: Cell): string =>
  typeof cell === "string" || Number.isInteger(cell)
    ? String(cell)
    : String(Number(cell.toPrecision(4)));
