/** Ids that come piece by piece, in one array at the end. */
export interface IdCollector {
  readonly add: (ids: ArrayLike<number>) => void;
  readonly all: () => Uint16Array;
}

/** Starts with room for about as many ids as a text of `characters` has. */
export function collectIds(characters: number): IdCollector {
  let room = new Uint16Array(Math.max(16, characters >> 1));
  let count = 0;
  return {
    add: (ids) => {
      if (count + ids.length > room.length) {
        const larger = new Uint16Array(2 * (count + ids.length));
        larger.set(room.subarray(0, count));
        room = larger;
      }
      room.set(ids, count);
      count += ids.length;
    },
    all: () => room.slice(0, count),
  };
}
