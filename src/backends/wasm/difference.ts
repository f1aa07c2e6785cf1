/**
 * Makes a module out of another one that is almost the same, so that the package need not hold both: turns of new bytes and bytes of `base`, as
 * `tools/module-difference.mjs` writes them.
 */
export function withDifference(base: Uint8Array, difference: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 0;
  const count = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = difference[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const result = new Uint8Array(count());
  const turns = Array.from({ length: count() }, () => ({
    fresh: count(),
    copied: count(),
    move: unZigzag(count()),
  }));
  let written = 0;
  let place = 0;
  for (const { fresh, copied, move } of turns) {
    result.set(difference.subarray(at, at + fresh), written);
    at += fresh;
    place += move;
    result.set(base.subarray(place, place + copied), written + fresh);
    written += fresh + copied;
    place += copied;
  }
  return result;
}

const unZigzag = (value: number): number => (value % 2 === 1 ? -(value + 1) / 2 : value / 2);
