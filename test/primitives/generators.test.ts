import { expect, it } from "vitest";
import { generators } from "./generators.ts";
import { primitives } from "./laws/primitives.ts";

it("every primitive has a generator, and every generator a primitive", () => {
  expect(Object.keys(generators).sort()).toEqual(primitives.map(({ name }) => name).sort());
});
