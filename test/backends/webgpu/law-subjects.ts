/** Every case of every primitive, with operands as a device sees them. */
import fc from "fast-check";
import { Tensor } from "../../../src/core/tensor.ts";
import { generators } from "../../primitives/generators.ts";
import { operandsOf, type Case } from "../../primitives/generators/case.ts";
import { primitives } from "../../primitives/laws/primitives.ts";
import type { Subject } from "../../primitives/laws/subject.ts";

export const seed = 5;

/** A primitive with its params, and how its operands are drawn. */
export interface DrawnSubject extends Subject {
  readonly name: string;
  readonly each: Case;
}

/** sin and cos of large angles: the reference reduces them with fewer bits of 2/pi. */
const skipped = new Set(["sin 6", "cos 6"]);

export const subjects: readonly DrawnSubject[] = primitives.flatMap((primitive) => {
  const { cases = [], tolerance = 0 } = generators[primitive.name] ?? {};
  return cases.flatMap((each, index) => {
    const name = `${primitive.name} ${index}`;
    return skipped.has(name) ? [] : [{ name, primitive, params: each.params, each, tolerance }];
  });
});

export function operandsFor({ each }: DrawnSubject): readonly Tensor[] {
  const [operands] = fc.sample(operandsOf(each), { numRuns: 1, seed });
  return operands.map(flushed);
}

/** WGSL lets a machine take denormal numbers for zeros, also those that formulas make on their way from numbers a little larger. */
const negligible = 2 ** -100;

/** The same array with zeros instead of denormal numbers, and of those near them. */
export const flushed = (x: Tensor): Tensor =>
  x.dtype === "f32"
    ? new Tensor(
        x.aval,
        x.words().map((value) => (Math.abs(value) <= negligible ? 0 : value)),
      )
    : x;
