import type { Applicative2C } from "fp-ts/lib/Applicative.js";
import * as E from "fp-ts/lib/Either.js";
import * as NEA from "fp-ts/lib/NonEmptyArray.js";
import { checkPartsOf, type KindsOf } from "../core/arguments.ts";
import { ReformaxError } from "../core/errors.ts";
import { orAbsent } from "../core/kinds.ts";

/** One thing that is wrong with a file, a configuration or a command line. */
export interface Problem {
  /** The file, tensor, option or configuration path at fault. */
  readonly where: string;
  readonly problem: string;
  readonly expected?: string;
  readonly got?: string;
  /** What to do about it. */
  readonly fix?: string;
}

export type Problems = NEA.NonEmptyArray<Problem>;

/** A value, or every problem that kept it from being read: never only the first. */
export type Validated<A> = E.Either<Problems, A>;

/** The applicative that runs all of its parts and keeps the problems of each. */
export const validation: Applicative2C<E.URI, Problems> = E.getApplicativeValidation(
  NEA.getSemigroup<Problem>(),
);

export const invalid = (problem: Problem): Validated<never> => E.left(NEA.of(problem));

/** `value` when there is nothing to complain about. */
export const unlessProblems = <A>(problems: readonly Problem[], value: () => A): Validated<A> => {
  const [first, ...rest] = problems;
  return first === undefined ? E.right(value()) : E.left([first, ...rest]);
};

/**
 * Every item read, or the problems of all that cannot be, in their order. For lists of any length: an applicative
 * traversal copies what it has with every item.
 */
export function validateAll<A, B>(
  items: readonly A[],
  read: (item: A, index: number) => Validated<B>,
): Validated<readonly B[]> {
  const values: B[] = [];
  const problems: Problem[] = [];
  items.forEach((item, index) => {
    const result = read(item, index);
    if (E.isRight(result)) values.push(result.right);
    else for (const problem of result.left) problems.push(problem);
  });
  return unlessProblems(problems, () => values);
}

/** Puts `prefix` before the place of every problem: the file around a tensor, the section around a key. */
export const within =
  (prefix: string) =>
  <A>(validated: Validated<A>): Validated<A> =>
    E.mapLeft(NEA.map((problem: Problem) => ({ ...problem, where: `${prefix}${problem.where}` })))(
      validated,
    );

export function formatProblem(problem: Problem): string {
  const { problem: what, ...details } = checkPartsOf(
    problem,
    problemKinds,
    "problem",
    "formatProblem",
  );
  return new ReformaxError(what, details).message;
}

const textOrNothing = orAbsent("text");

const problemKinds: KindsOf<Problem> = {
  where: "text",
  problem: "text",
  expected: textOrNothing,
  got: textOrNothing,
  fix: textOrNothing,
};

/** As many of the problems as a reader looks at. */
const mostShown = 20;

function formatProblems(problems: Problems): string {
  if (problems.length === 1) return formatProblem(problems[0]);
  const lines = problems.slice(0, mostShown).map((problem) => `  - ${formatProblem(problem)}`);
  const more = problems.length - lines.length;
  return [
    `${problems.length} problems:`,
    ...lines,
    ...(more > 0 ? [`  ... and ${more} more`] : []),
  ].join("\n");
}

/** Bad input: a file, a configuration or an option that cannot be used, with all that is wrong in it. */
export class InputError extends ReformaxError {
  override readonly name: string = "InputError";
  readonly problems: Problems;

  /** @param where - the function that was called */
  constructor(problems: Problems, where?: string) {
    super(`${where === undefined ? "" : `${where}: `}${formatProblems(problems)}`);
    this.problems = problems;
  }
}

export const inputError = (problem: Problem): InputError => new InputError([problem]);

/** As {@link orThrow}, with the function that was called before the problems. */
export const orThrowFrom =
  (where: string) =>
  <A>(validated: Validated<A>): A => {
    if (E.isLeft(validated)) throw new InputError(validated.left, where);
    return validated.right;
  };

/**
 * The value, or an {@link InputError} with all problems: from the `Either` world into that of exceptions.
 */
export const orThrow = <A>(validated: Validated<A>): A => {
  if (E.isLeft(validated)) throw new InputError(validated.left);
  return validated.right;
};

/** The problems of what is thrown; throws again what has none. */
export function problemsIn(error: unknown): Validated<never> {
  if (error instanceof InputError) return E.left(error.problems);
  throw error;
}

/** The problems of an operation that throws them. */
export function attempt<A>(operation: () => A): Validated<A> {
  try {
    return E.right(operation());
  } catch (error) {
    return problemsIn(error);
  }
}
