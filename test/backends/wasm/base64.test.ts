import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeBase64 } from "../../../src/backends/wasm/base64.ts";

it("is what Node reads from a base64 string", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString("base64"))).toEqual(bytes);
    }),
  );
});
