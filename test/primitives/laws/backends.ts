import type { WasmOptions } from "../../../src/backends/wasm/index.ts";
import { init } from "../../../src/init.ts";
import { setBackend, type Backend } from "../../../src/ir/backend.ts";
import { agree } from "./comparison.ts";
import { evaluate, type Operands, type Subject } from "./subject.ts";

export type OnBackend = <T>(name: "reference" | "wasm", f: () => T) => T;

/** Both backends, to switch between them without waiting. */
export async function startBackends(options: WasmOptions = {}): Promise<OnBackend> {
  const backends: Record<"reference" | "wasm", Backend> = {
    wasm: await init("wasm", options),
    reference: await init("reference"),
  };
  return (name, f) => {
    setBackend(backends[name]);
    return f();
  };
}

/** The WASM backend computes what the reference does. */
export function checkBackends(on: OnBackend, subject: Subject, operands: Operands): void {
  const expected = on("reference", () => evaluate(subject, operands));
  const got = on("wasm", () => evaluate(subject, operands));
  got.forEach((result, i) => agree(result, expected[i], subject.tolerance, "wasm"));
}
