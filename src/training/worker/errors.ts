import * as errors from "../../core/errors.ts";
import { InputError, type Problems } from "../../edge/problem.ts";

/** An error on its way from a worker to a page: what structured cloning would lose. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  readonly details?: errors.ErrorDetails;
  /** Of an {@link InputError}. */
  readonly problems?: Problems;
}

export function errorMessage(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message } = error;
  if (error instanceof InputError) return { name, message, problems: error.problems };
  if (error instanceof errors.ReformaxError) return { name, message, details: error.details };
  return { name, message };
}

/** The error with its class, message and details; one that is not the library's becomes an `Error` of the same name. */
export function errorFrom({ name, message, details, problems }: ErrorMessage): Error {
  if (problems) return new InputError(problems);
  const known = classes.get(name);
  if (!known) return Object.assign(new Error(message), { name });
  return Object.assign(new known(message), { details: details ?? {} });
}

/** By the names that errors give themselves: those of classes are a minifier's to change. */
const classes: ReadonlyMap<string, typeof errors.ReformaxError> = new Map(
  Object.entries({
    ReformaxError: errors.ReformaxError,
    ShapeError: errors.ShapeError,
    DTypeError: errors.DTypeError,
    TreeError: errors.TreeError,
    TraceError: errors.TraceError,
    DifferentiationError: errors.DifferentiationError,
    ProgramError: errors.ProgramError,
    BackendError: errors.BackendError,
    BackendLostError: errors.BackendLostError,
    NonFiniteError: errors.NonFiniteError,
  }),
);
