import type { Tensor } from "../core/tensor.ts";

/** Largest |a|; 0 for an empty tensor, NaN where there is one. */
export function largestMagnitude(tensor: Tensor): number {
  let most = 0;
  for (const value of tensor.words()) most = Math.max(most, Math.abs(value));
  return most;
}

/** Largest |a - b| over the elements from `from` up to `to`. */
export function largestDifference(a: Tensor, b: Tensor, from = 0, to = a.size): number {
  const left = a.words();
  const right = b.words();
  let most = 0;
  for (let i = from; i < to; i++) most = Math.max(most, Math.abs(left[i] - right[i]));
  return most;
}
