import { checkPartsOf, type KindsOf } from "../../core/arguments.ts";
import type { Kind } from "../../core/kinds.ts";

/** How large images are, and how many grey levels or colours a value has. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  /** 1: grey; 3: red, green and blue. */
  readonly channels: 1 | 3;
}

/** Images of one shape, one after the other. */
export interface Images extends ImageShape {
  /** Bytes by image, row, column and channel. */
  readonly values: Uint8Array;
}

const shapeKinds: KindsOf<ImageShape> = { height: "size", width: "size", channels: [1, 3] };

export const checkImageShape = (shape: ImageShape, what: string, where: string): void =>
  void checkPartsOf(shape, shapeKinds, what, where);

/** Throws unless these are whole images. */
export function checkImages(images: Images, what: string, where: string): void {
  checkImageShape(images, what, where);
  const size = sizeOf(images);
  const values: Kind = {
    expected: `whole images of ${size} bytes each, a Uint8Array`,
    is: (x) => x instanceof Uint8Array && x.length % size === 0,
  };
  checkPartsOf(images, { ...shapeKinds, values }, what, where);
}

/** Values of one image: the tokens of its sequence. */
export const sizeOf = ({ height, width, channels }: ImageShape): number =>
  height * width * channels;

export const countOf = (images: Images): number => images.values.length / sizeOf(images);

/** Some of the images, from number `from` up to, without, `to`. */
export const someImages = (images: Images, from: number, to: number): Images => {
  const size = sizeOf(images);
  return { ...images, values: images.values.subarray(from * size, to * size) };
};
