import { formatAval } from "../core/aval.ts";
import { isProgram, requireProgram, type Atom, type Program, type Var } from "./program.ts";

/**
 * Readable, stable text of a program, one equation a line, variables named a, b, c, ... in order.
 *
 * @example
 * import { makeProgram, printProgram } from "reformax";
 * import { array, sin } from "reformax/numpy";
 * console.log(printProgram(makeProgram(sin)(array([0, 1]))));
 */
export const printProgram = (program: Program): string =>
  printIndented(requireProgram(program, "printProgram"), "");

function printIndented(program: Program, indent: string): string {
  const names = new Map<Var, string>();
  const declare = (variable: Var): string => {
    const name = variableName(names.size);
    names.set(variable, name);
    return `${name}:${formatAval(variable.aval)}`;
  };
  const use = (atom: Atom): string =>
    atom.kind === "literal"
      ? `${formatNumber(atom.value)}:${formatAval(atom.aval)}`
      : (names.get(atom) ?? "?");
  const inner = `${indent}    `;
  const inputs = program.inputs.map(declare).join(" ");
  const lines = program.equations.map(({ primitive, inputs: atoms, outputs, params }) => {
    const operands = atoms.map(use).join(" ");
    const settings = printParams(params, inner);
    return `${inner}${outputs.map(declare).join(" ")} = ${primitive.name}${settings} ${operands}`.trimEnd();
  });
  const body = lines.length > 0 ? `let\n${lines.join("\n")}\n${indent}  in` : "let in";
  return `{ lambda ${inputs} .\n${indent}  ${body} (${program.outputs.map(use).join(", ")}) }`;
}

/** a, b, ..., z, ba, bb, ...: base 26. */
function variableName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : variableName(Math.floor(index / 26)) + letter;
}

const formatNumber = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

function printParams(params: object, indent: string): string {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return "";
  return `[${entries.map(([key, value]: [string, unknown]) => `${key}=${printParam(value, indent)}`).join(" ")}]`;
}

function printParam(value: unknown, indent: string): string {
  if (isProgram(value)) return printIndented(value, indent);
  if (Array.isArray(value))
    return `(${value.map((item: unknown) => printParam(item, indent)).join(",")})`;
  if (typeof value === "function") return value.name || "function";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "object" && value !== null) {
    const text = Object.entries(value).map(
      ([key, item]: [string, unknown]) => `${key}:${printParam(item, indent)}`,
    );
    return `{${text.join(",")}}`;
  }
  return String(value);
}
