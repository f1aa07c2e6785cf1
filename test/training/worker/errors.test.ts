import { expect, test } from "vitest";
import * as errors from "../../../src/core/errors.ts";
import { InputError, inputError } from "../../../src/edge/problem.ts";
import { errorFrom, errorMessage } from "../../../src/training/worker/errors.ts";

/** An error on the other side of a channel. */
const across = (error: unknown): Error => errorFrom(structuredClone(errorMessage(error)));

const details = { where: "here", expected: "f32[2]", got: "f32[3]", fix: "Do this." };

test.each(Object.entries(errors))("%s arrives as what it was", (name, Class) => {
  const error = new Class("shapes differ", details);
  const arrived = across(error);
  expect(arrived).toBeInstanceOf(Class);
  expect(arrived).toMatchObject({ name, message: error.message, details });
});

test("an InputError keeps its problems", () => {
  const error = inputError({ where: "model.width", problem: "must be even", got: "3" });
  const arrived = across(error);
  expect(arrived).toBeInstanceOf(InputError);
  expect(arrived).toMatchObject({ message: error.message, problems: error.problems });
});

test("others keep name and message", () => {
  const arrived = across(new RangeError("out of range"));
  expect([arrived.name, arrived.message]).toEqual(["RangeError", "out of range"]);
  expect(across("just text").message).toBe("just text");
});
