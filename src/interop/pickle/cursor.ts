import { fault } from "./values.ts";

/** Reads a file's bytes in turn. */
export interface Cursor {
  readonly at: () => number;
  readonly byte: () => number;
  readonly bytes: (count: number) => Uint8Array;
  /** An unsigned little-endian number of so many bytes. */
  readonly unsigned: (width: 1 | 2 | 4 | 8) => number;
  /** A signed one of up to 8 bytes. */
  readonly signed: (width: number) => number;
  /** Big-endian, 8 bytes. */
  readonly double: () => number;
  readonly text: (count: number) => string;
  readonly line: () => string;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function cursorOf(file: Uint8Array): Cursor {
  let position = 0;
  const bytes = (count: number): Uint8Array => {
    if (count > file.length - position) {
      throw fault("the file is truncated", {
        expected: `${count} bytes at ${position}`,
        got: `${file.length - position}`,
      });
    }
    position += count;
    return file.subarray(position - count, position);
  };
  const unsigned = (width: number): number =>
    bytes(width).reduceRight((number, byte) => number * 256 + byte, 0);
  const text = (count: number): string => {
    try {
      return decoder.decode(bytes(count));
    } catch (error) {
      if (error instanceof TypeError) throw fault("a text is not UTF-8");
      throw error;
    }
  };
  return {
    at: () => position,
    byte: () => bytes(1)[0],
    bytes,
    unsigned,
    signed: (width) => {
      if (width > 8) throw fault("an integer is too large", { expected: "at most 8 bytes" });
      const found = bytes(width);
      const number = found.reduceRight((sum, byte) => sum * 256 + byte, 0);
      return width > 0 && found[width - 1] > 127 ? number - 256 ** width : number;
    },
    double: () => {
      const found = bytes(8);
      return new DataView(found.buffer, found.byteOffset, 8).getFloat64(0);
    },
    text,
    line: () => {
      const end = file.indexOf(0x0a, position);
      if (end < 0) throw fault("the file is truncated", { expected: "the end of a line" });
      const found = text(end - position);
      position = end + 1;
      return found;
    },
  };
}
