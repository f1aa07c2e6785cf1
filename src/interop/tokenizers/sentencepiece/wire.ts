import * as E from "fp-ts/lib/Either.js";
import { invalid, type Validated } from "../../../edge/problem.ts";

/** A field of a protocol buffer's message: a number for varints, else its bytes. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

/** Bytes of the longest varint, of 64 bits. */
const mostVarintBytes = 10;

/**
 * The fields of a message, in their order. Each is read once, so that time and memory are linear in the bytes.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export function readMessage(bytes: Uint8Array, where: string): Validated<readonly Field[]> {
  const fields: Field[] = [];
  let at = 0;
  const number = (): number | undefined => {
    let value = 0;
    for (let i = 0; i < mostVarintBytes && at < bytes.length; i++) {
      const byte = bytes[at++];
      // Beyond 53 bits it is no number that a file of pieces has; it is read, for the field's end to be found.
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return value;
    }
    return undefined;
  };
  const take = (length: number): Uint8Array | undefined => {
    if (length > bytes.length - at) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const begin = at;
    const tag = number() ?? 0;
    const value = ((): Field["value"] | undefined => {
      switch (tag % 8) {
        case varint:
          return number();
        case fixed64:
          return take(8);
        case lengthDelimited:
          return take(number() ?? Infinity);
        case fixed32:
          return take(4);
        default:
          return undefined;
      }
    })();
    const field = Math.floor(tag / 8);
    if (value === undefined || field === 0) {
      return invalid({ where, problem: "is no message, or is cut", got: `byte ${begin}` });
    }
    fields.push({ number: field, value });
  }
  return E.right(fields);
}
