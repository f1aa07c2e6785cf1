/** What single values may be that training is given. */
import { namedKinds, tagOf, type Kind, type KindName } from "../core/kinds.ts";
import { Tensor } from "../core/tensor.ts";

export const tokensKind: Kind = {
  expected: "tokens, a Uint8Array or a Uint16Array (of a text, new TextEncoder().encode(text))",
  is: (x) => tagOf(x) === "Uint8Array" || tagOf(x) === "Uint16Array",
};

/** Of what is no list only the first pass would tell, and there may be no second one. */
export const iterableOf = (what: string, kind: KindName): Kind => ({
  expected: `${what}, a list or another iterable of them`,
  is: (x) =>
    Array.isArray(x)
      ? x.every(namedKinds[kind].is)
      : typeof x === "object" && x !== null && Symbol.iterator in x,
});

/** A key on the host or a device. */
export const keyKind: Kind = {
  expected: "a key, u32[2]",
  is: (x) => x instanceof Tensor && x.dtype === "u32" && x.shape.length === 1 && x.size === 2,
};

/** Tokens from one place up to another. */
export const rangeKind: Kind = {
  expected: "a range, two integers of 0 or more",
  is: (x) =>
    Array.isArray(x) && x.length === 2 && x.every((n) => Number.isInteger(n) && (n as number) >= 0),
};

/** How many updates a state has seen. */
export const stepKind: Kind = {
  expected: "a number of updates, an integer from 0 to 2^53 - 1",
  is: (x) => Number.isSafeInteger(x) && (x as number) >= 0,
};

/** Where a run begins. */
export const startKind: Kind = {
  expected: "a start, { step, state }",
  is: (x) =>
    typeof x === "object" && x !== null && "state" in x && "step" in x && stepKind.is(x.step),
};
