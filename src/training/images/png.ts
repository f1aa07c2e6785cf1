import { checkKinds } from "../../core/arguments.ts";
import type { Kind } from "../../core/kinds.ts";
import * as E from "fp-ts/lib/Either.js";
import { convertIndexedToRgb, decode, encode, hasPngSignature, type DecodedPng } from "fast-png";
import { invalid, type Validated } from "../../edge/problem.ts";
import { checkImageShape, sizeOf, type Images, type ImageShape } from "./images.ts";

const signature = 8;

export const isPng = (data: Uint8Array): boolean =>
  data.length >= signature && hasPngSignature(data.subarray(0, signature));

/** Images cut out of PNG files that stand behind one another. */
export function pngImages(data: Uint8Array, shape: ImageShape): Validated<Images> {
  const crops: Uint8Array[] = [];
  for (let at = 0, file = 1; at < data.length; file++) {
    const where = file === 1 ? "--data" : `--data, file ${file}`;
    const length = lengthOfFile(data.subarray(at));
    if (length === undefined) {
      const problem = isPng(data.subarray(at)) ? "the PNG file is cut off" : "is no PNG file";
      return invalid({ where, problem, got: `${data.length - at} bytes` });
    }
    const cut = cutFile(data.slice(at, at + length), shape, where);
    if (E.isLeft(cut)) return cut;
    for (const crop of cut.right) crops.push(crop);
    at += length;
  }
  const size = sizeOf(shape);
  const values = new Uint8Array(crops.length * size);
  crops.forEach((crop, i) => {
    values.set(crop, i * size);
  });
  const { height, width, channels } = shape;
  return E.right({ height, width, channels, values });
}

/** Up to the end of its last chunk. */
function lengthOfFile(data: Uint8Array): number | undefined {
  if (!isPng(data)) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // A chunk: the number of its bytes, its name, the bytes, a checksum.
  for (let at = signature; at + 12 <= data.length;) {
    const isLast = String.fromCharCode(...data.subarray(at + 4, at + 8)) === "IEND";
    at += 12 + view.getUint32(at);
    if (isLast) return at <= data.length ? at : undefined;
  }
  return undefined;
}

function cutFile(
  file: Uint8Array,
  shape: ImageShape,
  where: string,
): Validated<readonly Uint8Array[]> {
  let png: DecodedPng;
  try {
    png = decode(file, { checkCrc: true });
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    return invalid({ where, problem: "the PNG file is damaged", got });
  }
  const { height, width, channels } = shape;
  if (png.depth === 16) {
    const got = "16 bits";
    return invalid({ where, problem: "has values of two bytes", expected: "at most 8 bits", got });
  }
  if (png.width < width || png.height < height) {
    return invalid({
      where,
      problem: "is smaller than an image",
      expected: `at least ${height} x ${width}`,
      got: `${png.height} x ${png.width}`,
    });
  }
  const { pixels, of } = pixelsOf(png);
  if (of >= 3 && channels === 1) {
    const expected = "grey values (task.channels is 1)";
    return invalid({ where, problem: "is a picture in colour", expected, got: `${of} channels` });
  }
  const crops: Uint8Array[] = [];
  for (let top = 0; top + height <= png.height; top += height) {
    for (let left = 0; left + width <= png.width; left += width) {
      crops.push(
        Uint8Array.from({ length: sizeOf(shape) }, (_, i) => {
          const pixel = Math.floor(i / channels);
          const row = top + Math.floor(pixel / width);
          const place = row * png.width + left + (pixel % width);
          // Grey is as much of all three; transparency, behind the colours, is not looked at.
          return pixels[place * of + (of >= 3 ? i % channels : 0)];
        }),
      );
    }
  }
  return E.right(crops);
}

/** Bytes from 0 to 255, `of` each pixel. */
function pixelsOf(png: DecodedPng): { readonly pixels: ArrayLike<number>; readonly of: number } {
  const { palette, depth, width, height } = png;
  if (palette) {
    return { pixels: convertIndexedToRgb(png), of: palette[0]?.length ?? 3 };
  }
  if (depth === 8) return { pixels: png.data, of: png.channels };
  // Grey of 1, 2 or 4 bits: rows of whole bytes.
  const perRow = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * depth;
    const byte = png.data[Math.floor(i / width) * perRow + (bit >> 3)];
    return (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
  });
  return { pixels, of: 1 };
}

/** A picture as a PNG file: `values` are bytes by row, column and channel. */
export function pngOf(values: Uint8Array, shape: ImageShape): Uint8Array {
  checkImageShape(shape, "shape", "pngOf");
  const bytes: Kind = {
    expected: `the ${sizeOf(shape)} bytes of one image, a Uint8Array`,
    is: (x) => x instanceof Uint8Array && x.length === sizeOf(shape),
  };
  checkKinds({ values: [values, bytes] }, "pngOf");
  const { height, width, channels } = shape;
  return encode({ width, height, data: values, channels, depth: 8 });
}
