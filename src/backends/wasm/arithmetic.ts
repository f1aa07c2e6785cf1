import { BackendError } from "../../core/errors.ts";
import { globals } from "./globals.ts";

/** How sums of products round: after every operation, or as the engine likes best. */
export const arithmetics = ["strict", "relaxed"] as const;

export type Arithmetic = (typeof arithmetics)[number];

/** A module whose only function, of type () -> v128, is f32x4.relaxed_madd of three zeros. */
const relaxedModule = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
    [0x03, 0x02, 0x01, 0x00],
    [0x0a, 0x13, 0x01, 0x11, 0x00],
    [0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11],
    [0xfd, 0x85, 0x02, 0x0b],
  ].flat(),
);

/** Whether the engine has relaxed SIMD; Node 20 has it behind a flag of its engine, which this then sets. */
export function hasRelaxedArithmetic(): boolean {
  if (WebAssembly.validate(relaxedModule)) return true;
  globals.process
    ?.getBuiltinModule?.("node:v8")
    .setFlagsFromString("--experimental-wasm-relaxed-simd");
  return WebAssembly.validate(relaxedModule);
}

/** @throws BackendError unless that arithmetic exists here */
export function checkArithmetic(
  arithmetic: string,
  relaxed: () => boolean = hasRelaxedArithmetic,
): void {
  if (!arithmetics.some((known) => known === arithmetic)) {
    throw new BackendError("unknown arithmetic", {
      where: "arithmetic",
      expected: arithmetics.join(" or "),
      got: arithmetic,
    });
  }
  if (arithmetic === "strict" || relaxed()) return;
  throw new BackendError("this engine has no relaxed arithmetic", {
    where: "arithmetic",
    expected: "WebAssembly with relaxed SIMD, as in Node 20.16 or later and in current browsers",
    fix: "Compute with strict arithmetic, the default.",
  });
}
