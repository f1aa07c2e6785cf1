/** Columns that a line of the terminal has, or undefined where standard output is none. */
export const terminalColumns = (): number | undefined =>
  process.stdout.isTTY ? process.stdout.columns || 80 : undefined;

/** A line for the reader; on a terminal, broken between words where it is too long. */
export function printLine(text: string): void {
  const columns = terminalColumns();
  console.log(columns === undefined ? text : wrapText(text, columns));
}

/** What the lines after the first begin with. */
const indent = "  ";

/** Breaks a text between words into lines of at most `columns` characters; a longer word has a line of its own. */
export function wrapText(text: string, columns: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columns || line.trim() === "") line = longer;
    else {
      lines.push(line);
      line = `${indent}${word}`;
    }
  }
  return [...lines, line].join("\n");
}
