import { formatAval, type Aval } from "./aval.ts";
import { fractionBits, isFixed, type Words } from "./dtype.ts";
import { stridesOf } from "./shape.ts";

const edgeItems = 3;
const summarizeAbove = 100;

/** Readable text: dtype and shape, then the elements, long axes shortened as NumPy does. */
export function formatTensor(aval: Aval, words: Words): string {
  const strides = stridesOf(aval.shape);
  const summarize = words.length > summarizeAbove;
  const render = (axis: number, offset: number): string => {
    if (axis === aval.shape.length) return formatElement(aval, words[offset]);
    const length = aval.shape[axis];
    const shortened = summarize && length > 2 * edgeItems;
    const indices = shortened
      ? [...range(0, edgeItems), -1, ...range(length - edgeItems, length)]
      : range(0, length);
    const innermost = axis === aval.shape.length - 1;
    const separator = innermost ? ", " : `,\n${" ".repeat(axis + 1)}`;
    const items = indices.map((i) =>
      i < 0 ? "..." : render(axis + 1, offset + i * strides[axis]),
    );
    return `[${items.join(separator)}]`;
  };
  return `${formatAval(aval)} ${render(0, 0)}`;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

function formatElement(aval: Aval, word: number): string {
  if (aval.dtype === "bool") return word ? "true" : "false";
  if (isFixed(aval.dtype)) return formatFloat(word / (1 << fractionBits(aval.dtype)));
  return aval.dtype === "f32" ? formatFloat(word) : String(word);
}

/** Six significant digits: enough to read, short enough for a row. */
function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0";
  return String(Number(value.toPrecision(6)));
}
