/** Words of the control block (src/backends/wasm/constants/control.ts) that each thread has one of. */
import { CURRENT_STEPS } from "../generated/constants";

// @ts-ignore: decorator
@inline
export function currentStep(thread: i32): usize {
  return CURRENT_STEPS + ((<usize>thread) << 6);
}

// @ts-ignore: decorator
@inline
export function sharesDone(thread: i32): usize {
  return currentStep(thread) + 4;
}
