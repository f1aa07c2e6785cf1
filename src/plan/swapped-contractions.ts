import { sizeOf } from "../core/shape.ts";
import type { Equation, Program, Var } from "../ir/program.ts";
import { permuteView, wholeView, type ShapedView } from "./view.ts";

/**
 * Contractions whose only reader is a view that puts the right operand's free axes before the
 * left's: with the operands swapped they write that result directly. Products commute and the order
 * of a sum depends on its length alone, so the bits are the same. Gives the view's equation.
 */
export function swappedContractions(program: Program): ReadonlyMap<Equation, Equation> {
  const contractions = program.equations.filter(
    ({ primitive }) => primitive.lower.kind === "contract",
  );
  if (contractions.length === 0) return new Map();
  const readers = soleReaders(program);
  return new Map(
    contractions.flatMap((equation) => {
      const reader = readers.get(equation.outputs[0]);
      return reader && isSwap(equation, reader) ? [[equation, reader] as const] : [];
    }),
  );
}

/** The equation that reads a variable, for variables that are read once. */
function soleReaders(program: Program): ReadonlyMap<Var, Equation | undefined> {
  const readers = new Map<Var, Equation | undefined>();
  for (const equation of program.equations) {
    for (const atom of equation.inputs) {
      if (atom.kind === "var") readers.set(atom, readers.has(atom) ? undefined : equation);
    }
  }
  for (const atom of program.outputs) if (atom.kind === "var") readers.set(atom, undefined);
  return readers;
}

function isSwap(contraction: Equation, reader: Equation): boolean {
  const { lower: contract } = contraction.primitive;
  const { lower } = reader.primitive;
  if (contract.kind !== "contract" || lower.kind !== "view") return false;
  const spec = contract.spec(contraction.params);
  const [lhs] = contraction.inputs;
  const [{ aval }] = contraction.outputs;
  const batch = spec.lhsBatch.length;
  const rows = lhs.aval.shape.length - batch - spec.lhsContract.length;
  const axes = aval.shape.map((_, axis) => axis);
  const order = [
    ...axes.slice(0, batch),
    ...axes.slice(batch + rows),
    ...axes.slice(batch, batch + rows),
  ];
  const swapped = permuteView(wholeView(aval.shape), order);
  const [result] = reader.outputs;
  return sameElements(swapped, {
    shape: result.aval.shape,
    ...lower.view(reader.params, aval, result.aval),
  });
}

/** Equal shapes and words; strides along axes of size 1 do not matter. */
const sameElements = (a: ShapedView, b: ShapedView): boolean =>
  sizeOf(a.shape) > 0 &&
  a.offset === b.offset &&
  a.shape.length === b.shape.length &&
  a.shape.every(
    (n, axis) => n === b.shape[axis] && (n === 1 || a.strides[axis] === b.strides[axis]),
  );
