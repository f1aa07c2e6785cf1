import * as E from "fp-ts/lib/Either.js";
import { invalid, type Validated } from "../../edge/problem.ts";
import { sizeOf, type Images, type ImageShape } from "./images.ts";

/** Two zeros, then 8 for bytes; the number of axes follows. */
export const isIdx = (data: Uint8Array): boolean =>
  data.length >= 4 && data[0] === 0 && data[1] === 0 && data[2] === 8;

/** Images as MNIST has them: a header that names the sizes of all axes, then the values. */
export function idxImages(data: Uint8Array, shape: ImageShape): Validated<Images> {
  const where = "--data";
  const { height, width, channels } = shape;
  const axes = data.at(3) ?? 0;
  const expected = channels === 1 ? [height, width] : [height, width, channels];
  if (!isIdx(data) || data.length < 4 + 4 * axes) {
    const got = `the bytes ${data.subarray(0, 4).join(", ")}`;
    const header = "0, 0, 8 and the number of axes, then their sizes";
    return invalid({ where, problem: "have no idx header", expected: header, got });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [count = 0, ...sizes] = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  if (sizes.join() !== expected.join()) {
    return invalid({
      where,
      problem: axes === 1 ? "are labels, not images" : "are images of another shape",
      expected: `${expected.join(" x ")}, as task says`,
      got: sizes.join(" x "),
    });
  }
  const values = data.subarray(4 + 4 * axes);
  const needed = count * sizeOf(shape);
  if (count > 0 && values.length === needed) {
    return E.right({ height, width, channels, values });
  }
  return invalid({
    where,
    problem: values.length < needed ? "are cut off" : "are not as many images as the header says",
    expected: `${count} images of ${sizeOf(shape)} bytes, at least one`,
    got: `${values.length} bytes`,
  });
}
