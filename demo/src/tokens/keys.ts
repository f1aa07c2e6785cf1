/**
 * The token that a key leads to from `from`, in the order of the list: left and right to the neighbours, up and down to
 * the next of the same bucket. Undefined where the key leads nowhere.
 */
export function nextToken(
  key: string,
  order: readonly number[],
  from: number | null,
  buckets: ArrayLike<number>,
): number | undefined {
  const at = from === null ? -1 : order.indexOf(from);
  const isOfBucket = (token: number): boolean => from !== null && buckets[token] === buckets[from];
  switch (key) {
    case "ArrowRight":
      return order[at + 1];
    case "ArrowLeft":
      return order[at - 1];
    case "ArrowDown":
      return order.slice(at + 1).find(isOfBucket);
    case "ArrowUp":
      return order.slice(0, Math.max(0, at)).findLast(isOfBucket);
    case "Home":
      return order[0];
    case "End":
      return order.at(-1);
    default:
      return undefined;
  }
}
