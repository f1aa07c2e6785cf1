import * as E from "fp-ts/lib/Either.js";
import { invalid, type Validated } from "../../../edge/problem.ts";

/** What is written in the place of sequences of characters. */
export interface Charsmap {
  /** A double array: every unit says where its children are, which byte leads to it, or what a sequence gives. */
  readonly units: Uint32Array;
  /** Texts, each with a zero behind it. */
  readonly texts: Uint8Array;
}

/** A unit's children are at its place xor this. */
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 512) >>> 6);
const hasValue = (unit: number): boolean => (unit & 256) !== 0;
const valueOf = (unit: number): number => unit & 0x7fff_ffff;
/** The byte that leads here, or more than a byte where the unit is a value. */
const labelOf = (unit: number): number => (unit & 0x8000_00ff) >>> 0;

/**
 * The precompiled map of a sentencepiece model: the bytes of a Darts-clone double array behind their number, then the texts.
 *
 * @see https://github.com/s-yata/darts-clone
 */
export function readCharsmap(bytes: Uint8Array, where: string): Validated<Charsmap> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= 4 ? view.getUint32(0, true) : Infinity;
  if (length % 4 !== 0 || length === 0 || length > bytes.length - 4) {
    return invalid({ where, problem: "the map of characters is damaged" });
  }
  const units = Uint32Array.from({ length: length / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  return E.right({ units, texts: bytes.subarray(4 + length) });
}

/** What the longest sequence at `from` is written as. */
interface Match {
  readonly length: number;
  /** Where its text begins. */
  readonly text: number;
}

function longestMatch({ units }: Charsmap, bytes: Uint8Array, from: number): Match | undefined {
  let node = offsetOf(units[0]);
  let found: Match | undefined;
  for (let i = from; i < bytes.length; i++) {
    node ^= bytes[i];
    // Beyond the array, undefined is no unit.
    const unit = units[node] as number | undefined;
    if (unit === undefined || labelOf(unit) !== bytes[i]) break;
    node ^= offsetOf(unit);
    if (hasValue(unit)) found = { length: i + 1 - from, text: valueOf(units[node] ?? 0) };
  }
  return found;
}

/** Bytes of the character that begins with this one; of none, the byte alone. */
const characterLength = (first: number): number =>
  first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

/** The text with each longest sequence of the map replaced, from the left. */
export function applyCharsmap(map: Charsmap, text: string): string {
  const bytes = new TextEncoder().encode(text);
  const parts: Uint8Array[] = [];
  let kept = 0;
  for (let at = 0; at < bytes.length;) {
    const match = longestMatch(map, bytes, at);
    if (match === undefined) {
      at += characterLength(bytes[at]);
      continue;
    }
    const end = map.texts.indexOf(0, match.text);
    parts.push(
      bytes.subarray(kept, at),
      map.texts.subarray(match.text, end < 0 ? map.texts.length : end),
    );
    at += match.length;
    kept = at;
  }
  parts.push(bytes.subarray(kept));
  return decodeParts(parts);
}

function decodeParts(parts: readonly Uint8Array[]): string {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(joined);
}
