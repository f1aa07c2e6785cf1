import type { Aval } from "../core/aval.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { DTypeError, TraceError } from "../core/errors.ts";
import { isDeviceStorage } from "../core/storage.ts";
import { Tensor } from "../core/tensor.ts";
import { isValue, Tracer, type Value } from "../core/value.ts";
import { currentScope, withInterpreter, withRootScope, type Interpreter } from "./interpreter.ts";
import type { Params, Primitive } from "./primitive.ts";
import { newLiteral, newVar, type Atom, type Equation, type Program, type Var } from "./program.ts";

/** A value that stands for a variable of the program that `owner` is recording. */
export class StageTracer extends Tracer {
  readonly owner: ProgramBuilder;
  readonly variable: Var;

  constructor(owner: ProgramBuilder, variable: Var) {
    super();
    this.owner = owner;
    this.variable = variable;
  }

  get aval(): Aval {
    return this.variable.aval;
  }
}

/** Records operations as equations. Values from outside become captured, hidden inputs. */
export class ProgramBuilder implements Interpreter {
  readonly name = "stage";
  readonly #inputs: Var[] = [];
  readonly #equations: Equation[] = [];
  readonly #captured = new Map<Value, Var>();
  #finished = false;

  input(aval: Aval): StageTracer {
    const variable = newVar(aval);
    this.#inputs.push(variable);
    return new StageTracer(this, variable);
  }

  bind(primitive: Primitive, operands: readonly Value[], params: Params): readonly Value[] {
    const outputAvals = primitive.abstractEval(
      operands.map((operand) => operand.aval),
      params,
    );
    const outputs = outputAvals.map(newVar);
    const inputs = operands.map((operand) => this.#atomOf(operand));
    this.#equations.push({ primitive, inputs, outputs, params, scope: currentScope() });
    return outputs.map((variable) => new StageTracer(this, variable));
  }

  owns(value: Value): value is StageTracer {
    return value instanceof StageTracer && value.owner === this;
  }

  /** Closes the recording: captured values come first among the program's inputs. */
  finish(outputs: readonly Value[]): ClosedProgram {
    const atoms = outputs.map((output) => this.#atomOf(output));
    this.#finished = true;
    return {
      program: {
        inputs: [...this.#captured.values(), ...this.#inputs],
        equations: this.#equations,
        outputs: atoms,
      },
      captured: [...this.#captured.keys()],
    };
  }

  /**
   * Rank-0 tensors that can be read at once are written into the program; other foreign values become hidden inputs. A scalar
   * on a device stays where it is, and keeps what a literal would: whether it is weak.
   */
  #atomOf(value: Value): Atom {
    if (this.owns(value)) return value.variable;
    if (value instanceof StageTracer && value.owner.#finished) throw escapedTracer(value);
    const isScalar = value instanceof Tensor && value.rank === 0;
    if (!isValue(value)) throw notAnOperand(value, "a traced operation");
    // What can be read at once: whether it stays in a backend's memory between calls must not change a program.
    if (isScalar && !isDeviceStorage(value.storage))
      return newLiteral(value.words()[0], value.aval);
    const known = this.#captured.get(value);
    if (known) return known;
    const variable = newVar(isScalar ? value.aval : { ...value.aval, weak: false });
    this.#captured.set(value, variable);
    return variable;
  }
}

/** A program and the values of its leading inputs, which its function closed over. */
export interface ClosedProgram {
  readonly program: Program;
  readonly captured: readonly Value[];
}

/** The error for a traced value that outlived its trace. */
export const escapedTracer = (value: Value): TraceError =>
  new TraceError("a traced value was used after its trace had ended", {
    got: String(value),
    fix:
      "A function under jit, grad, vmap or scan stored an intermediate value outside (in a variable, " +
      "an array, an object). Return the value from the function instead.",
  });

/** The error for what stands where an array belongs, and came past all checks of types. */
export const notAnOperand = (operand: unknown, where: string): DTypeError =>
  new DTypeError("an operand is not an array", {
    where,
    expected: "an array",
    got: describeArgument(operand),
    fix: "Make one with array.",
  });

/** Records `f` on inputs of the given avals. */
export function stage(
  f: (...inputs: Value[]) => readonly Value[],
  avals: readonly Aval[],
): ClosedProgram {
  const builder = new ProgramBuilder();
  const inputs = avals.map((aval) => builder.input(aval));
  return builder.finish(withInterpreter(builder, () => withRootScope(() => f(...inputs))));
}

/** {@link stage} for functions that only use their inputs (passes over programs). */
export function stageClosed(
  f: (...inputs: Value[]) => readonly Value[],
  avals: readonly Aval[],
): Program {
  const { program, captured } = stage(f, avals);
  if (captured.length > 0) {
    throw new TraceError("a function that must be closed captured values", {
      got: captured.map(String).join(", "),
      fix: "Pass them as arguments.",
    });
  }
  return program;
}
