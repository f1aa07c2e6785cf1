/**
 * The folder of a cell's files, below that of the results, with `/`. Names of cells are words and numbers: what else they hold becomes a
 * hyphen.
 */
export const cellPath = (experiment: string, cell: string): string =>
  `${experiment}/${cell.replaceAll(/[^A-Za-z0-9.]+/g, "-")}`;
