/** One column of a table for the terminal. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Numbers stand on the right, names on the left. */
  readonly align: "left" | "right";
}

/** Rows below their titles, columns two spaces apart. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ text }) => text(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) =>
          columns[i].align === "left" ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A column of numbers. */
export const numbers = <Row>(
  title: string,
  value: (row: Row) => number,
  digits: number,
): Column<Row> => ({ title, text: (row) => value(row).toFixed(digits), align: "right" });

/** A column of names. */
export const names = <Row>(title: string, text: (row: Row) => string): Column<Row> => ({
  title,
  text,
  align: "left",
});
