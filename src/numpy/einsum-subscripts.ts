import { checkText } from "../core/arguments.ts";
import { ShapeError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";

/** Parsed subscripts: one label per axis of every operand, and of the result. */
export interface Subscripts {
  readonly operands: readonly LabelledShape[];
  readonly output: readonly string[];
}

export interface LabelledShape {
  readonly labels: readonly string[];
  /** The operand's shape without axes of size 1 under an ellipsis that are broadcast: they have no label. */
  readonly shape: Shape;
}

/**
 * Parses `"ij,jk->ik"` and `"...ij,...jk->...ik"`. Without an arrow the result has the axes of the ellipses and then the
 * labels that occur once, in alphabetical order. Throws a ShapeError unless labels, ranks and sizes fit the operands.
 */
export function parseSubscripts(text: string, shapes: readonly Shape[]): Subscripts {
  const compact = checkText(text, "subscripts", "einsum").replaceAll(/\s/gu, "");
  const term = String.raw`[A-Za-z]*(\.\.\.)?[A-Za-z]*`;
  if (!new RegExp(`^${term}(,${term})*(->${term})?$`, "u").test(compact)) {
    const expected =
      "letters, with at most one ellipsis ..., separated by commas, then optionally -> and the same";
    throw malformed(text, expected, { got: JSON.stringify(text) });
  }
  const [inputs, result] = compact.split("->");
  const terms = inputs.split(",");
  if (terms.length !== shapes.length) {
    throw malformed(text, `${terms.length} operands`, { got: String(shapes.length) });
  }
  const hidden = terms.map((labels, i) => hiddenAxes(text, labels, shapes[i], i));
  const rank = hidden.reduce((a, b) => Math.max(a, b), 0);
  const all = terms.map((labels, i) => labelsOf(labels, hidden[i]));
  const operands = dropBroadcast(all, shapes);
  if (result !== undefined && rank > 0 && !result.includes("...")) {
    throw malformed(text, "an ellipsis in the result, as operands have one", { got: result });
  }
  const output = result === undefined ? implicitOutput(terms, rank) : labelsOf(result, rank);
  checkSizes(text, operands);
  checkOutput(text, all, output);
  return { operands, output };
}

/** Number of axes that the ellipsis of an operand stands for. */
function hiddenAxes(text: string, labels: string, shape: Shape, operand: number): number {
  const named = labels.replace("...", "").length;
  const hidden = shape.length - named;
  const open = labels.includes("...");
  if (open ? hidden >= 0 : hidden === 0) return hidden;
  throw malformed(text, `${open ? "at least " : ""}${named} axes of operand ${operand}`, {
    got: `[${shape.join(",")}]`,
  });
}

/** Axes under an ellipsis are counted from the right: `.0` is the last one. */
const hiddenLabels = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);

function labelsOf(term: string, hidden: number): readonly string[] {
  const [before, after] = term.split("...");
  return after === undefined
    ? before.split("")
    : [...before.split(""), ...hiddenLabels(hidden), ...after.split("")];
}

const isHidden = (label: string): boolean => label.startsWith(".");

/** Axes of size 1 under an ellipsis lose their label where another operand has more there. */
function dropBroadcast(
  operands: readonly (readonly string[])[],
  shapes: readonly Shape[],
): readonly LabelledShape[] {
  const wide = new Set(
    operands.flatMap((labels, i) => labels.filter((_, axis) => shapes[i][axis] !== 1)),
  );
  return operands.map((labels, i) => {
    const shape = shapes[i];
    const kept = labels.flatMap((label, axis) =>
      isHidden(label) && shape[axis] === 1 && wide.has(label) ? [] : [axis],
    );
    return { labels: kept.map((axis) => labels[axis]), shape: kept.map((axis) => shape[axis]) };
  });
}

function implicitOutput(terms: readonly string[], hidden: number): readonly string[] {
  const all = terms.join("").replaceAll(".", "").split("");
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return [...hiddenLabels(hidden), ...once.sort()];
}

function checkSizes(text: string, operands: readonly LabelledShape[]): void {
  const sizes = new Map<string, number>();
  operands.forEach(({ labels, shape }) => {
    labels.forEach((label, axis) => {
      const size = shape[axis];
      const known = sizes.get(label) ?? size;
      if (known !== size) {
        const what = isHidden(label) ? "under the ellipses" : `for label ${label}`;
        throw malformed(text, `size ${known} ${what}`, { got: String(size) });
      }
      sizes.set(label, size);
    });
  });
}

function checkOutput(
  text: string,
  operands: readonly (readonly string[])[],
  output: readonly string[],
): void {
  const known = new Set(operands.flat());
  const stray = output.find((label, i) => !known.has(label) || output.indexOf(label) !== i);
  if (stray !== undefined) {
    throw malformed(text, "result labels that occur in an operand, each once", { got: stray });
  }
}

const malformed = (
  text: string,
  expected: string,
  more: { got?: string; fix?: string },
): ShapeError =>
  new ShapeError(`the subscripts "${text}" do not fit`, { where: "einsum", expected, ...more });
