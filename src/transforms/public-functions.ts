/** The transformations by their public names. */
export { checkpoint } from "./checkpoint.ts";
export { customJvp } from "./custom-jvp.ts";
export { customVjp, type CustomVjpRules } from "./custom-vjp.ts";
export { jvp } from "./forward-mode.ts";
export {
  clearCaches,
  evalShape,
  jit,
  makeProgram,
  type Jitted,
  type JitOptions,
  type Lowered,
} from "./jit.ts";
export { named } from "./named.ts";
export { grad, valueAndGrad, type GradOptions } from "./grad.ts";
export { linearize, vjp } from "./vjp.ts";
export { vmap, type AxisTree, type VmapOptions } from "./vmap.ts";
export { callGiven as call } from "./call.ts";
export { stopGradient } from "../ir/ops.ts";
export { cond, switchCase } from "./cond.ts";
export { map, scan, type ScanOptions } from "./scan.ts";
export { foriLoop } from "./fori-loop.ts";
export { whileLoop } from "./while.ts";
