import { checkKinds } from "../../core/arguments.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow, type Validated } from "../../edge/problem.ts";
import { splitRecords } from "../data/record-split.ts";
import { checkImagesConfig, type ImagesConfig } from "./config.ts";
import { countOf, someImages, type Images } from "./images.ts";
import { imagesFrom } from "./read.ts";

/** What a run learns from and is measured on. */
export interface ImagesData {
  readonly train: Images;
  readonly validation: Images;
}

export interface PreparedImages {
  /** Names the ranges. */
  readonly config: ImagesConfig;
  readonly data: ImagesData;
}

/** Images in two parts, as the configuration or the default says. */
export const prepareImages = (config: ImagesConfig, bytes: Uint8Array): Validated<PreparedImages> =>
  pipe(
    imagesFrom(bytes, config.task, config.data.format),
    E.chain((images) =>
      pipe(
        splitRecords(config.data, countOf(images)),
        E.map((split) => ({
          config: { ...config, data: { ...config.data, ...split } },
          data: {
            train: someImages(images, ...split.train),
            validation: someImages(images, ...split.validation),
          },
        })),
      ),
    ),
  );

/**
 * {@link prepareImages}, or an error.
 *
 * @throws InputError for data that hold no images of this shape, and a split without room
 */
export function prepareImagesOrThrow(config: ImagesConfig, bytes: Uint8Array): PreparedImages {
  checkImagesConfig(config, "prepareImages");
  checkKinds({ bytes: [bytes, "bytes"] }, "prepareImages");
  return orThrow(prepareImages(config, bytes));
}
