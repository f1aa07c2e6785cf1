import { ShapeError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";

/** Parsed subscripts: one label per axis of every operand, and of the result. */
export interface Subscripts {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Parses `"ij,jk->ik"`. Without an arrow the result has the labels that occur once, in alphabetical
 * order. Throws a ShapeError unless labels, ranks and sizes fit the operands.
 */
export function parseSubscripts(text: string, shapes: readonly Shape[]): Subscripts {
  const compact = text.replaceAll(/\s/gu, "");
  if (!/^[A-Za-z]*(,[A-Za-z]*)*(->[A-Za-z]*)?$/u.test(compact)) {
    throw malformed(text, "letters separated by commas, then optionally -> and letters", {
      fix: compact.includes(".") ? "Ellipses are not supported: name the axes." : undefined,
    });
  }
  const [inputs, result] = compact.split("->");
  const operands = inputs.split(",").map((labels) => labels.split(""));
  const output = result === undefined ? implicitOutput(operands) : result.split("");
  checkOperands(text, operands, shapes);
  checkOutput(text, operands, output);
  return { operands, output };
}

const implicitOutput = (operands: readonly (readonly string[])[]): string[] => {
  const all = operands.flat();
  return all.filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort();
};

function checkOperands(
  text: string,
  operands: readonly (readonly string[])[],
  shapes: readonly Shape[],
): void {
  if (operands.length !== shapes.length) {
    throw malformed(text, `${operands.length} operands`, { got: String(shapes.length) });
  }
  const sizes = new Map<string, number>();
  operands.forEach((labels, operand) => {
    if (labels.length !== shapes[operand].length) {
      throw malformed(text, `${labels.length} axes of operand ${operand}`, {
        got: `[${shapes[operand].join(",")}]`,
      });
    }
    labels.forEach((label, axis) => {
      const size = shapes[operand][axis];
      const known = sizes.get(label) ?? size;
      if (known !== size)
        throw malformed(text, `size ${known} for label ${label}`, { got: String(size) });
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
