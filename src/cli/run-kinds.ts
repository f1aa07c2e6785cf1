import * as E from "fp-ts/lib/Either.js";
import { suggestion } from "../core/suggest.ts";
import { invalid, type Validated } from "../edge/problem.ts";
import { nextTokenKind } from "../training/next-token/kind.ts";
import { nextTokenName } from "../training/task/name.ts";
import { anyKind, type RunKind } from "../training/task/kind.ts";
import type { Services } from "./services.ts";

/** Predicting the next token, with the model of the services. */
export const nextTokenOf = ({ createModel, defaultPreset }: Services): RunKind =>
  anyKind(nextTokenKind(createModel, defaultPreset));

/** The names of all tasks. */
export const taskNames = ({ kinds }: Services): readonly string[] => [
  nextTokenName,
  ...Object.keys(kinds),
];

/** The task of this name. */
export function kindOf(services: Services, name: string): Validated<RunKind> {
  if (name === nextTokenName) return E.right(nextTokenOf(services));
  const { kinds } = services;
  if (Object.hasOwn(kinds, name)) return E.right(kinds[name]);
  const names = taskNames(services);
  return invalid({
    where: "task",
    problem: "there is no such task",
    expected: names.join(", "),
    got: JSON.stringify(name),
    fix: suggestion(name, names),
  });
}
