import { ReformaxError } from "../core/errors.ts";
import type { Primitive } from "./primitive.ts";

const byName = new Map<string, Primitive>();

/** Makes operations known by name. A second, different record of the same name is an error. */
export function registerPrimitives(primitives: readonly Primitive<never>[]): void {
  for (const record of primitives) {
    // Each record only ever receives its own params, which `bind` checks by type.
    const primitive = record as unknown as Primitive;
    const known = byName.get(primitive.name);
    if (known && known !== primitive) {
      throw new ReformaxError("two primitives have the same name", { where: primitive.name });
    }
    byName.set(primitive.name, primitive);
  }
}

/** The operation of that name. */
export function primitiveNamed(name: string): Primitive {
  const primitive = byName.get(name);
  if (!primitive) {
    throw new ReformaxError(`primitive ${name} is not registered`, {
      fix: "List it in src/primitives/index.ts.",
    });
  }
  return primitive;
}

export const allPrimitives = (): readonly Primitive[] => [...byName.values()];
