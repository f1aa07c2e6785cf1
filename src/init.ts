import { ReformaxError } from "./core/errors.ts";
import { currentBackend, setBackend, type Backend } from "./ir/backend.ts";
import type { WasmOptions } from "./backends/wasm/index.ts";

export type BackendName = "wasm" | "reference";

/**
 * Chooses the backend on which everything runs from now on. `wasm`, the default, is fast and, unless
 * it is asked for relaxed arithmetic, gives the same bits on every engine and machine; `reference` is a plain
 * interpreter, slow and obviously right.
 *
 * @throws BackendError when the engine lacks what the backend needs
 * @example
 * import { init } from "reformax";
 * await init("reference");
 */
export async function init(
  name: BackendName = "wasm",
  options: WasmOptions = {},
): Promise<Backend> {
  setBackend(await createBackend(name, options));
  return currentBackend();
}

async function createBackend(name: BackendName, options: WasmOptions): Promise<Backend> {
  switch (name) {
    case "wasm": {
      const { createWasmBackend } = await import("./backends/wasm/index.ts");
      return createWasmBackend(options);
    }
    case "reference": {
      const { createReferenceBackend } = await import("./backends/reference/index.ts");
      return createReferenceBackend();
    }
    default:
      throw new ReformaxError("unknown backend", {
        where: "init",
        expected: "wasm or reference",
        got: String(name satisfies never),
      });
  }
}
