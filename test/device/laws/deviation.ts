/** How far a result of a device is off, and how far it may be. */
import { formatAval, sameArrayType } from "../../../src/core/aval.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import type { Subject } from "../../primitives/laws/subject.ts";

/** Each element within so many units in its last place, or within a share of the largest element. */
export type Bound =
  | { readonly kind: "ulps"; readonly ulps: number }
  | { readonly kind: "share"; readonly share: number };

/**
 * WGSL asks of sums and products that they are rounded as everywhere, of quotients 2.5 units, of square roots what a quotient and
 * an inverse square root give. Functions are formulas of ours, with quotients in them.
 */
const ulpsOf: Readonly<Record<string, number>> = {
  div: 3,
  sqrt: 5,
  ...Object.fromEntries(
    ["exp", "expm1", "log", "log1p", "sin", "cos", "tanh"]
      .concat(["erf", "erfInv", "logistic", "pow", "atan2"])
      .map((name) => [name, 8]),
  ),
};

/** Sums are added up in another order; gradients of attention are sums of sums. */
const reordered = 1e-5;
const shareOf: Readonly<Record<string, number>> = {
  scatterAdd: reordered,
  chunkedAttentionBackward: 2 * reordered,
  jointAttentionBackward: 2 * reordered,
};

export function boundOf({ primitive: { name }, tolerance }: Subject): Bound {
  const share = Math.max(tolerance, shareOf[name] ?? 0);
  if (share > 0) return { kind: "share", share };
  return { kind: "ulps", ulps: ulpsOf[name] ?? 0 };
}

export const describeBound = (bound: Bound): string => {
  if (bound.kind === "share") return `${bound.share} of the largest element`;
  return bound.ulps === 0 ? "bits" : `${bound.ulps} units in the last place`;
};

export interface Deviation {
  /** Most units in the last place. */
  readonly ulps: number;
  /** Largest difference as a share of the largest finite element. */
  readonly share: number;
  readonly problem?: string;
}

/** NaNs are all the same, and so are both zeros. */
export function deviation(got: Tensor, expected: Tensor, bound: Bound): Deviation {
  if (!sameArrayType(got.aval, expected.aval)) {
    const problem = `the result is ${formatAval(got.aval)}, expected ${formatAval(expected.aval)}`;
    return { ulps: Infinity, share: Infinity, problem };
  }
  const [a, b] = [got.words(), expected.words()];
  const isFloat = expected.dtype === "f32";
  const finite = Array.from(b).filter(Number.isFinite);
  const largest = finite.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  let worst: Deviation = { ulps: 0, share: 0 };
  let problem: string | undefined;
  for (let i = 0; i < b.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    const ulps = isFloat ? Math.abs(place(a[i]) - place(b[i])) : Infinity;
    const difference = Math.abs(a[i] - b[i]);
    // Infinities and NaNs on one side only are never close.
    const share = Number.isFinite(difference) ? difference / largest : Infinity;
    worst = { ulps: Math.max(worst.ulps, ulps), share: Math.max(worst.share, share) };
    const isFine = bound.kind === "ulps" ? ulps <= bound.ulps : isFloat && share <= bound.share;
    if (!isFine) problem ??= `element ${i} is ${a[i]}, expected ${b[i]} (${describeBound(bound)})`;
  }
  return { ...worst, problem };
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Neighbouring numbers have neighbouring places. */
export function place(x: number): number {
  float[0] = x;
  return bits[0] < 0 ? -(bits[0] & 0x7fffffff) : bits[0];
}
