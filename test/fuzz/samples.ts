import type { Sample } from "./mutate.ts";

/** A reader, and files that it reads. It throws what is neither a right result nor one of our errors. */
export interface Target {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly read: (bytes: Uint8Array) => unknown;
  /** How many times as long as others it takes: the tests read as many fewer mutants. */
  readonly cost?: number;
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const jsonSample = (value: unknown): Sample => {
  const text = JSON.stringify(value, null, 1);
  return { bytes: encode(text), json: { text, wrap: encode } };
};

/** A safetensors file whose header can be changed as JSON: the length before it is put right. */
export function tensorsSample(bytes: Uint8Array): Sample {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const data = bytes.subarray(8 + length);
  const wrap = (text: string): Uint8Array => {
    const header = encode(text);
    const file = new Uint8Array(8 + header.length + data.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(header, 8);
    file.set(data, 8 + header.length);
    return file;
  };
  return { bytes, json: { text: decode(bytes.subarray(8, 8 + length)), wrap } };
}
