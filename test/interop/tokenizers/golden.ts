import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { loadTokenizer, type Tokenizer } from "../../../src/interop/index.ts";

/** What other programs make of texts: see tools/oracle/tokenizer_ids.py, and README.md beside the files. */
const golden = join(import.meta.dirname, "../../golden/tokenizers");

const json = (name: string): unknown => JSON.parse(readFileSync(join(golden, name), "utf8"));

export interface Encoded {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

export const expected = json("expected.json") as {
  readonly sentencepiece: Readonly<
    Record<
      string,
      {
        readonly sample: { readonly count: number; readonly sha256: string };
        readonly texts: readonly Encoded[];
      }
    >
  >;
  readonly tokenizers: Readonly<Record<string, readonly Encoded[]>>;
};

export const published = json("published.json") as Readonly<
  Record<
    "cp.320" | "unigram",
    readonly { readonly text: string; readonly ids: readonly number[] }[]
  >
> & {
  readonly wmt32k: readonly { readonly ids: readonly number[]; readonly subtokens: string }[];
};

export const bytesOf = (name: string): Uint8Array => {
  const bytes = readFileSync(join(golden, name));
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
};

export const load = (name: string): Promise<Tokenizer> => loadTokenizer(bytesOf(name));

export const sample = readFileSync(
  join(import.meta.dirname, "../../../samples/crime-and-punishment.txt"),
  "utf8",
);

/** The SHA-256 of ids of two bytes each, the lower one first. */
export const hashOf = (ids: Uint16Array): string => {
  const bytes = Buffer.alloc(2 * ids.length);
  ids.forEach((id, i) => bytes.writeUInt16LE(id, 2 * i));
  return createHash("sha256").update(bytes).digest("hex");
};
