import { joinBytes } from "../../../src/edge/node/read-file.ts";

/** A piece as sentencepiece's files hold it; absent values are the defaults. */
export interface WrittenPiece {
  readonly text: string;
  readonly score?: number;
  /** 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  readonly type?: number;
}

export const normal = (text: string, order: number): WrittenPiece => ({ text, score: -order });

const varint = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];

const number = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8), ...varint(value)]);

const bytes = (field: number, value: Uint8Array): Uint8Array =>
  joinBytes([Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length)]), value]);

const float = (field: number, value: number): Uint8Array =>
  joinBytes([
    Uint8Array.from(varint(field * 8 + 5)),
    new Uint8Array(Float32Array.of(value).buffer),
  ]);

/** A `.model` of sentencepiece. */
export const modelBytes = (
  pieces: readonly WrittenPiece[],
  trainer: { readonly algorithm?: number; readonly spaceBehind?: number } = {},
  charsmap = new Uint8Array(0),
): Uint8Array => {
  const written = pieces.map(({ text, score = 0, type = 1 }) =>
    bytes(
      1,
      joinBytes([bytes(1, new TextEncoder().encode(text)), float(2, score), number(3, type)]),
    ),
  );
  const { algorithm = 1, spaceBehind = 0 } = trainer;
  const trained = joinBytes([number(3, algorithm), number(24, spaceBehind)]);
  return joinBytes([...written, bytes(2, trained), bytes(3, bytes(2, charsmap))]);
};
