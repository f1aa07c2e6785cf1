import { init } from "reformax";
import type { StartBackend } from "reformax/training/worker";
import { threadSource } from "./thread-source.ts";

/** Starts what a run asks for: a graphics processor where there is one, unless the visitor has chosen. */
export const startBackend: StartBackend = ({ backend = "auto", threads, arithmetic, device }) => {
  const wasm = { threads, arithmetic, threadSource };
  switch (backend) {
    case "auto":
      return init("auto", { wasm, webgpu: device });
    case "webgpu":
      return init("webgpu", device);
    case "wasm":
      return init("wasm", wasm);
    default:
      return init(backend);
  }
};
