import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { joinBytes } from "../../src/edge/node/read-file.ts";
import { sha256 } from "../../src/training/node/index.ts";
import type { Numbers } from "../frame/experiment.ts";

/** The first 3,800,000 bytes of enwik8, by their hash. */
const firstBytes = "6da5e440ad12676ca01313e281db542a4ef66db4126129df51d816caceaed089";

/** Measured on those with `bzip2 -9` and `xz -9e`, which are not to be had everywhere: the last 200,000 of them behind all before. */
const knownBits = { bzip2: 2.5756, xz: 2.2605 } as const;

/** Bits per byte that compressors need for bytes when they have seen those before. */
export function compressorBits(before: Uint8Array, bytes: Uint8Array): Numbers {
  const all = joinBytes([before, bytes]);
  const isKnown = bytes.length === 200_000 && sha256(all) === firstBytes;
  const bits = (sizeOf: (of: Uint8Array) => number): number =>
    (8 * (sizeOf(all) - sizeOf(before))) / bytes.length;
  return {
    gzip: bits((of) => gzipSync(of, { level: 9 }).length),
    brotli: bits(brotliSize),
    ...(isKnown ? knownBits : { bzip2: null, xz: null }),
  };
}

const brotliSize = (bytes: Uint8Array): number =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;
