import type { Tensor } from "../../core/tensor.ts";
import {
  attempt,
  inputError,
  orThrowFrom,
  type InputError,
  type Validated,
} from "../../edge/problem.ts";
import { readPacked } from "../gunzip.ts";
import {
  bytesOf,
  checkByteOrder,
  checkElements,
  checkSizes,
  tensorOfArray,
} from "../numpy-array.ts";

/**
 * The arrays that numpy's `save` wrote into one file, each behind the one before, as trax's `.weights.npy.gz` are: by their numbers from
 * 0. Packed by gzip or not. F16 and F64 become f32, and integers of other widths i32 (checked to fit).
 *
 * @returns the arrays, or what the file has that is not read: objects, other orders of bytes, a piece that is missing
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { readNpy } from "reformax/interop";
 * const read = await readNpy(new TextEncoder().encode("PK"));
 * console.log(E.isLeft(read) && read.left[0].problem); // => is no .npy
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export const readNpy = (bytes: Uint8Array): Promise<Validated<ReadonlyMap<string, Tensor>>> =>
  readPacked(bytes, "readNpy", parseNpy);

/**
 * {@link readNpy}, throwing.
 *
 * @throws InputError naming the array that is not read
 * @example
 * import { readNpyOrThrow } from "reformax/interop";
 * const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
 * const begin = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0];
 * const file = new Uint8Array([...begin, ...new TextEncoder().encode(header), 0, 0, 128, 63]);
 * const arrays = await readNpyOrThrow(file);
 * console.log(arrays.get("0")?.toArray()); // => [ 1 ]
 */
export async function readNpyOrThrow(bytes: Uint8Array): Promise<ReadonlyMap<string, Tensor>> {
  const where = "readNpyOrThrow";
  return orThrowFrom(where)(await readPacked(bytes, where, parseNpy));
}

/** {@link readNpy} of a file that is not packed. */
export const parseNpy = (file: Uint8Array): Validated<ReadonlyMap<string, Tensor>> =>
  attempt(() => {
    const found = new Map<string, Tensor>();
    let at = 0;
    do {
      const { tensor, end } = arrayAt(file, at, `array ${found.size}`);
      found.set(`${found.size}`, tensor);
      at = end;
    } while (at < file.length);
    return found;
  });

const magic = "\u0093NUMPY";

/** Whether a file that is not packed begins as numpy's do. */
export const isNpy = (file: Uint8Array): boolean => latin1(file.subarray(0, 6)) === magic;

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A header is a few words; this many bytes are another kind of file. */
const longestHeader = 4096;

function arrayAt(
  file: Uint8Array,
  start: number,
  where: string,
): { readonly tensor: Tensor; readonly end: number } {
  const missing = (): InputError => inputError({ where, problem: "is cut short" });
  const got = JSON.stringify(latin1(file.subarray(start, start + 6)));
  const begin = file.subarray(start, start + 12);
  if (!isNpy(begin))
    throw inputError({ where, problem: "is no .npy", expected: "the bytes \\x93NUMPY", got });
  if (begin.length < 12) throw missing();
  const view = new DataView(begin.buffer, begin.byteOffset, begin.length);
  const isShort = begin[6] === 1;
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  const from = start + (isShort ? 10 : 12);
  const to = from + length;
  if (length <= longestHeader && to > file.length) throw missing();
  const header = length > longestHeader ? "" : latin1(file.subarray(from, to));
  const array = { ...headerOf(header, where), where };
  const end = to + bytesOf(array.code, array.sizes, where);
  if (end > file.length) throw missing();
  return { tensor: tensorOfArray({ ...array, bytes: file.subarray(to, end) }, where), end };
}

/** What a header says, which is written as Python's dictionary. */
function headerOf(header: string, where: string) {
  const [, order, code] = /'descr': *'(.)(\w+)'/.exec(header) ?? [];
  const [, fortran] = /'fortran_order': *(True|False)/.exec(header) ?? [];
  const [, shape] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  if (order === undefined || fortran === undefined || shape === undefined) {
    const expected = "descr, fortran_order and shape of numbers";
    throw inputError({ where, problem: "has another header", expected, got: header.slice(0, 80) });
  }
  checkByteOrder(order, order, where);
  const sizes = shape.split(",").filter((size) => size.trim() !== "");
  return {
    code: checkElements(code, code, where),
    sizes: checkSizes(sizes.map(Number), where),
    isFortran: fortran === "True",
  };
}
