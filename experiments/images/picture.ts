import { countOf, sizeOf, type Images } from "../../src/training/images/images.ts";
import { byteOf, levelOf } from "../../src/training/images/levels.ts";
import { pngOf } from "../../src/training/index.ts";

/** Pixels of the picture for each of an image. */
const zoom = 3;
const gap = 2;
/** Of what a model was not given, and of the ground between images. */
const [hidden, ground] = [96, 255];

/**
 * Three rows of images, one above the other: the originals in the levels that the model knows, what it was given of them, and what it made
 * of that.
 */
export function completionsPng(
  originals: Images,
  completed: Images,
  given: number,
  levels: number,
): Uint8Array {
  const { height, width, channels } = originals;
  const [count, size] = [countOf(originals), sizeOf(originals)];
  const known = originals.values.map((byte) => byteOf(levelOf(byte, levels), levels));
  const shown = known.map((byte, i) => (i % size < given ? byte : hidden));
  const rows = [known, shown, completed.values];
  const across = count * (width * zoom + gap) + gap;
  const down = rows.length * (height * zoom + gap) + gap;
  const picture = new Uint8Array(across * down * channels).fill(ground);
  rows.forEach((values, row) => {
    values.forEach((value, i) => {
      const [image, inside] = [Math.floor(i / size), i % size];
      const [pixel, channel] = [Math.floor(inside / channels), inside % channels];
      const top = gap + row * (height * zoom + gap) + Math.floor(pixel / width) * zoom;
      const left = gap + image * (width * zoom + gap) + (pixel % width) * zoom;
      for (let y = top; y < top + zoom; y++) {
        for (let x = left; x < left + zoom; x++) {
          picture[(y * across + x) * channels + channel] = value;
        }
      }
    });
  });
  return pngOf(picture, { height: down, width: across, channels });
}
