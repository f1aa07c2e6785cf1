/** Shorter matches cost more than their bytes. */
const shortest = 12;

/** As many bytes find candidates for a match. */
const keyLength = 8;

/** At most so many candidates are tried for each place. */
const mostCandidates = 64;

/**
 * How `next` is made from `base`, as `src/backends/wasm/difference.ts` reads it: turns of (a number of new bytes, a number of bytes copied from the base,
 * by how much the base's place moves on before), then the new bytes of all turns. The numbers are LEB128, the moves zigzag.
 * @param {Buffer} base
 * @param {Buffer} next
 * @returns {Buffer}
 */
export function difference(base, next) {
  const places = placesOf(base);
  const turns = [];
  const fresh = [];
  let freshOfTurn = 0;
  let turnCount = 0;
  let expected = 0;
  for (let i = 0; i < next.length;) {
    const { place, length } = longestMatch(base, next, i, places, expected);
    if (length < shortest) {
      fresh.push(next[i]);
      freshOfTurn++;
      i++;
      continue;
    }
    const move = place - expected;
    turns.push(...leb128(freshOfTurn), ...leb128(length));
    turns.push(...leb128(move < 0 ? -2 * move - 1 : 2 * move));
    turnCount++;
    freshOfTurn = 0;
    expected = place + length;
    i += length;
  }
  // What stands behind the last match is a turn that copies nothing.
  turns.push(...leb128(freshOfTurn), 0, 0);
  return Buffer.from([...leb128(next.length), ...leb128(turnCount + 1), ...turns, ...fresh]);
}

/**
 * @param {Buffer} base
 * @returns {Map<string, number[]>}
 */
function placesOf(base) {
  /** @type {Map<string, number[]>} */
  const places = new Map();
  for (let i = 0; i + keyLength <= base.length; i++) {
    const key = base.toString("latin1", i, i + keyLength);
    const known = places.get(key);
    if (known === undefined) places.set(key, [i]);
    else if (known.length < mostCandidates) known.push(i);
  }
  return places;
}

/**
 * @param {Buffer} base
 * @param {Buffer} next
 * @param {number} at
 * @param {Map<string, number[]>} places
 * @param {number} expected the place behind the last match, which costs least
 */
function longestMatch(base, next, at, places, expected) {
  const candidates = places.get(next.toString("latin1", at, at + keyLength)) ?? [];
  let best = { place: expected, length: 0 };
  for (const place of [expected, ...candidates]) {
    let length = 0;
    while (
      at + length < next.length &&
      place + length < base.length &&
      base[place + length] === next[at + length]
    ) {
      length++;
    }
    if (length > best.length) best = { place, length };
  }
  return best;
}

/**
 * @param {number} value
 * @returns {number[]}
 */
const leb128 = (value) =>
  value < 128 ? [value] : [(value & 127) | 128, ...leb128(Math.floor(value / 128))];
