import { buildKernels } from "../tools/build-kernels.mjs";

/** Compiles the kernels when their sources changed, so that a test never runs against old ones. */
export default function setup(): void {
  buildKernels();
}
