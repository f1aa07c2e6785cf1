import { describeArgument } from "./core/describe-argument.ts";
import { BackendError, ReformaxError } from "./core/errors.ts";
import { currentBackend, setBackend, type Backend } from "./ir/backend.ts";
import type { WasmOptions } from "./backends/wasm/index.ts";
import type { WebGpuOptions } from "./backends/webgpu/index.ts";

/** What a backend may be asked for at its creation. */
export interface BackendOptions {
  readonly wasm: WasmOptions;
  readonly webgpu: WebGpuOptions;
  readonly reference: Readonly<Record<string, never>>;
  /** For each of those that may be chosen. */
  readonly auto: { readonly webgpu?: WebGpuOptions; readonly wasm?: WasmOptions };
}

/** A backend, or `auto`: whatever is fastest here. */
export type BackendName = keyof BackendOptions;

/**
 * Chooses the backend on which everything runs from now on. `wasm`, the default, is fast and, unless
 * it is asked for relaxed arithmetic, gives the same bits on every engine and machine; `webgpu` computes on a graphics processor:
 * its results stay there until they are read with `await x.data()` or `await toHost(tree)`; `reference` is a plain
 * interpreter, slow and obviously right. `auto` is `webgpu` where there is one, else `wasm`, and its `fallback` says why.
 *
 * @throws BackendError when the engine lacks what the backend needs
 * @example
 * import { init } from "reformax";
 * const { name } = await init("reference");
 * console.log(name); // => reference
 */
export async function init<N extends BackendName = "wasm">(
  name?: N,
  options?: BackendOptions[N],
): Promise<Backend> {
  const chosen = { [name ?? "wasm"]: options } as Partial<BackendOptions>;
  setBackend(await createBackend(name === undefined ? "wasm" : name, chosen));
  return currentBackend();
}

async function createBackend(
  name: BackendName,
  options: Partial<BackendOptions>,
): Promise<Backend> {
  switch (name) {
    case "wasm": {
      const { createWasmBackend } = await import("./backends/wasm/index.ts");
      return createWasmBackend(options.wasm);
    }
    case "webgpu": {
      const { createWebGpuBackend } = await import("./backends/webgpu/index.ts");
      return createWebGpuBackend(options.webgpu);
    }
    case "reference": {
      const { createReferenceBackend } = await import("./backends/reference/index.ts");
      return createReferenceBackend();
    }
    case "auto":
      return fastest(options.auto ?? {});
    default:
      throw new ReformaxError("unknown backend", {
        where: "init",
        expected: "wasm, webgpu, reference or auto",
        got: describeArgument(name satisfies never),
      });
  }
}

async function fastest(options: BackendOptions["auto"]): Promise<Backend> {
  try {
    return await createBackend("webgpu", options);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    const backend = await createBackend("wasm", options);
    return Object.assign(backend, { fallback: error.message });
  }
}
