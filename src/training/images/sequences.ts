import type { Sequence } from "../sequences/batch.ts";
import type { ImagesConfig } from "./config.ts";
import { countOf, sizeOf, type Images } from "./images.ts";
import { levelOf } from "./levels.ts";

/** The token before an image. */
export const beginOf = ({ task }: Pick<ImagesConfig, "task">): number => task.levels;

/** Image number `index` as a sequence: each value is asked for, from those before it. */
export function imageSequence(
  config: Pick<ImagesConfig, "task">,
  images: Images,
  index: number,
): Sequence {
  const size = sizeOf(images);
  const { levels } = config.task;
  const bytes = images.values.subarray(index * size, (index + 1) * size);
  const targets = Int32Array.from(bytes, (byte) => levelOf(byte, levels));
  const tokens = new Int32Array(size);
  tokens[0] = beginOf(config);
  tokens.set(targets.subarray(0, size - 1), 1);
  return { tokens, targets };
}

/** All images as sequences, in their order. */
export const imageSequences = (
  config: Pick<ImagesConfig, "task">,
  images: Images,
): readonly Sequence[] =>
  Array.from({ length: countOf(images) }, (_, i) => imageSequence(config, images, i));
