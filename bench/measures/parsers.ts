import * as E from "fp-ts/lib/Either.js";
import { tensorFrom } from "../../src/core/tensor.ts";
import type { Json } from "../../src/edge/json.ts";
import { parse, serialize } from "../../src/interop/safetensors/index.ts";
import { decodeManifest, encodeManifest } from "../../src/training/checkpoint/manifest.ts";
import { parseTrainConfig, presets } from "../../src/training/index.ts";
import { sha256 } from "../../src/training/node/index.ts";

export interface ParsersParameters {
  readonly counts: readonly number[];
  readonly repeats: number;
}

export interface ParserTime {
  readonly count: number;
  /** Least of the repeats, in milliseconds, by parser. */
  readonly milliseconds: Readonly<Record<ParserName, number>>;
}

export type ParserName =
  "safetensors" | "wrong safetensors" | "configuration" | "wrong configuration" | "manifest";

/** Time to read files with more and more parts, right ones and ones where every part is wrong. */
export function measureParsers({ counts, repeats }: ParsersParameters): readonly ParserTime[] {
  return counts.map((count) => {
    const fastest = (read: () => E.Either<unknown, unknown>, right: boolean): number => {
      const times = Array.from({ length: repeats }, () => {
        const begin = performance.now();
        const result = read();
        const time = performance.now() - begin;
        if (E.isRight(result) !== right) throw new Error("a parser did not say what it should");
        return time;
      });
      return Math.min(...times);
    };
    const tensors = fileOfTensors(count);
    const wrongTensors = fileOfHeader(wrongHeader(count));
    const manifest = manifestOf(count);
    const sections = (layer: string): Json => ({
      ...presets["bytes-small"],
      model: {
        ...presets["bytes-small"].model,
        layers: Array.from({ length: count }, () => layer),
        feedForwardChunk: 64,
        lossChunk: 64,
      },
    });
    const [right, wrong] = [sections("lsh"), sections("lhs")];
    return {
      count,
      milliseconds: {
        safetensors: fastest(() => parse(tensors), true),
        "wrong safetensors": fastest(() => parse(wrongTensors), false),
        configuration: fastest(() => parseTrainConfig(right), true),
        "wrong configuration": fastest(() => parseTrainConfig(wrong), false),
        manifest: fastest(() => decodeManifest(manifest, sha256, "manifest"), true),
      },
    };
  });
}

function fileOfTensors(count: number): Uint8Array {
  const tensor = tensorFrom("bool", [1], Int32Array.of(1));
  return serialize(new Map(Array.from({ length: count }, (_, i) => [`layers.${i}.w`, tensor])));
}

function wrongHeader(count: number): string {
  const entries = Array.from(
    { length: count },
    (_, i) => `"layers.${i}.w":{"dtype":"X","shape":[-1],"data_offsets":[5,1]}`,
  );
  return `{${entries.join()}}`;
}

function fileOfHeader(text: string): Uint8Array {
  const header = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + header.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  return bytes;
}

const manifestOf = (count: number): Uint8Array =>
  encodeManifest(
    {
      version: 2,
      writer: "0.0.0",
      step: 0,
      files: Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`file-${i}`, { bytes: i, sha256: "" }]),
      ),
    },
    sha256,
  );
