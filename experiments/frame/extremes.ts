/** The largest of some values; undefined as long as one of them is. */
export const largest = (values: readonly (number | undefined)[]): number | undefined =>
  whole(values, (known) => Math.max(...known));

/** The smallest of some values; undefined as long as one of them is. */
export const smallest = (values: readonly (number | undefined)[]): number | undefined =>
  whole(values, (known) => Math.min(...known));

/** A number of two others; undefined as long as one of them is. */
export const combine = (
  a: number | undefined,
  b: number | undefined,
  of: (a: number, b: number) => number,
): number | undefined => (a === undefined || b === undefined ? undefined : of(a, b));

function whole(
  values: readonly (number | undefined)[],
  of: (known: readonly number[]) => number,
): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length ? undefined : of(known);
}
