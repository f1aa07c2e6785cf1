import { escapeHtml } from "../../src/edge/html.ts";

/** A table of text: the first column names the rows, the others hold numbers unless `words` says that so many of the first hold words. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly words?: number;
}

/** As a page in Markdown has it, columns aligned, so that it reads well in a terminal too. */
export function tableText({ title, columns, rows, words = 1 }: Table): string {
  const widths = columns.map((name, i) =>
    Math.max(3, name.length, ...rows.map((row) => row[i].length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i < words ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i < words ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [title, "", line(columns), rule, ...rows.map(line)].join("\n");
}

export function tableHtml({ title, columns, rows }: Table): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell, i) => `<${i === 0 ? "th" : tag}>${escapeHtml(cell)}</${i === 0 ? "th" : tag}>`).join("")}</tr>`;
  return `<table><caption>${escapeHtml(title)}</caption>
${[cells("th", columns), ...rows.map((row) => cells("td", row))].join("\n")}
</table>`;
}
