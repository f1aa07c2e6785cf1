import { deflateRawSync } from "node:zlib";
import { afterEach, expect, it, vi } from "vitest";
import { inflated } from "../../../src/backends/wasm/inflate.ts";

const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...new Array<number>(500).fill(7));
const packed = Uint8Array.from(deflateRawSync(module));

afterEach(() => {
  vi.unstubAllGlobals();
});

it("unpacks what the package holds, and leaves a module as it is", async () => {
  expect(packed.length).toBeLessThan(module.length);
  expect(await inflated(packed)).toEqual(module);
  expect(await inflated(module)).toBe(module);
});

it("does so in runtimes that have only Node's zlib, and says what is missing where there is neither", async () => {
  vi.stubGlobal("DecompressionStream", undefined);
  expect(await inflated(packed)).toEqual(module);
  vi.stubGlobal("process", undefined);
  await expect(inflated(packed)).rejects.toThrow(/cannot unpack.*DecompressionStream/);
});
