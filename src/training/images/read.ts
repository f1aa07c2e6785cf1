import { checkKinds } from "../../core/arguments.ts";
import { checkImageShape } from "./images.ts";
import * as E from "fp-ts/lib/Either.js";
import { invalid, orThrow, type Validated } from "../../edge/problem.ts";
import type { Images, ImageShape } from "./images.ts";
import { sizeOf } from "./images.ts";
import { idxImages, isIdx } from "./idx.ts";
import { isPng, pngImages } from "./png.ts";

/**
 * How data hold images. `idx`: the format of MNIST. `png`: files behind one another, each cut into images of the shape side by side, row
 * by row, what is left over at the right and below left out. `raw`: nothing but the values. `auto`: idx or png, as the data begin.
 */
export type ImageFormat = "auto" | "idx" | "png" | "raw";

/**
 * Images of one shape.
 *
 * @returns the images, or what is wrong: another format or shape, a file that is cut off
 * @example
 * import { imagesFromOrThrow } from "reformax/training";
 * const shape = { height: 1, width: 2, channels: 1 } as const;
 * console.log(imagesFromOrThrow(Uint8Array.of(7, 8, 9, 10), shape, "raw").values.length / 2); // => 2
 */
export function imagesFrom(
  data: Uint8Array,
  shape: ImageShape,
  format: ImageFormat = "auto",
): Validated<Images> {
  const formats = ["auto", "idx", "png", "raw"];
  checkKinds({ data: [data, "bytes"], format: [format, formats] }, "imagesFrom");
  checkImageShape(shape, "shape", "imagesFrom");
  if (format === "idx" || (format === "auto" && isIdx(data))) return idxImages(data, shape);
  if (format === "png" || (format === "auto" && isPng(data))) return pngImages(data, shape);
  if (format === "raw") return rawImages(data, shape);
  return invalid({
    where: "--data",
    problem: "are no images of a known format",
    expected: "files of MNIST (idx) or PNG",
    got: `the bytes ${data.subarray(0, 4).join(", ")}`,
    fix: "Values without a header are read where data.format is raw.",
  });
}

/**
 * {@link imagesFrom}, throwing.
 *
 * @throws InputError for data of another format or shape, or cut off
 */
export const imagesFromOrThrow = (
  data: Uint8Array,
  shape: ImageShape,
  format: ImageFormat = "auto",
): Images => orThrow(imagesFrom(data, shape, format));

function rawImages(data: Uint8Array, { height, width, channels }: ImageShape): Validated<Images> {
  const size = sizeOf({ height, width, channels });
  if (data.length > 0 && data.length % size === 0) {
    return E.right({ height, width, channels, values: data });
  }
  return invalid({
    where: "--data",
    problem: "do not hold whole images",
    expected: `a multiple of ${size} bytes, ${height} x ${width} x ${channels}`,
    got: String(data.length),
  });
}
