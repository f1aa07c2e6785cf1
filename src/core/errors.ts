/** Anatomy of every message: what was expected, what came, in which operation, what to do. */
export interface ErrorDetails {
  /** The operation the user called, e.g. `matmul`. */
  readonly where?: string;
  readonly expected?: string;
  readonly got?: string;
  /** What to do about it. */
  readonly fix?: string;
}

/**
 * Base class of all errors that reformax throws.
 *
 * @example
 * import { ReformaxError } from "reformax";
 * const error = new ReformaxError("shapes differ", { where: "add", expected: "f32[2]", got: "f32[3]" });
 * console.log(error.message); // => add: shapes differ: expected f32[2], got f32[3]
 */
export class ReformaxError extends Error {
  readonly details: ErrorDetails;

  constructor(problem: string, details: ErrorDetails = {}) {
    super(composeMessage(problem, details));
    this.details = details;
    // Minifiers rename classes; names are what users read, and how a worker's errors are known in its page.
    this.name = new.target === ReformaxError ? "ReformaxError" : new.target.name;
  }
}

function composeMessage(problem: string, { where, expected, got, fix }: ErrorDetails): string {
  const comparison = [expected && `expected ${expected}`, got && `got ${got}`]
    .filter(Boolean)
    .join(", ");
  const head = [where, problem, comparison].filter(Boolean).join(": ");
  return fix ? `${head}. ${fix}` : head;
}

/** Shapes, axes or ranks that do not fit together. */
export class ShapeError extends ReformaxError {
  override readonly name: string = "ShapeError";
}

/** An element type that the operation does not take. */
export class DTypeError extends ReformaxError {
  override readonly name: string = "DTypeError";
}

/** Trees of different structure, or a node that is not registered. */
export class TreeError extends ReformaxError {
  override readonly name: string = "TreeError";
}

/** A traced value used where a concrete one is needed, or outside of its trace. */
export class TraceError extends ReformaxError {
  override readonly name: string = "TraceError";
}

/** A derivative that does not exist, or that reformax refuses to take. */
export class DifferentiationError extends ReformaxError {
  override readonly name: string = "DifferentiationError";
}

/** A malformed Program: found by the checker, always a defect of a pass or a primitive. */
export class ProgramError extends ReformaxError {
  override readonly name: string = "ProgramError";
}

/** A backend that is missing, out of memory, or lacks a kernel. */
export class BackendError extends ReformaxError {
  override readonly name: string = "BackendError";
}

/** A backend that is gone although nobody wanted it so: a device was lost. What is on the host remains. */
export class BackendLostError extends BackendError {
  override readonly name: string = "BackendLostError";
}

/** A non-finite value found by `debug.nans` or by a health check. */
export class NonFiniteError extends ReformaxError {
  override readonly name: string = "NonFiniteError";
}
