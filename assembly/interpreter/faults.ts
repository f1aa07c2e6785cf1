/** Faults that tests inject: delays that shuffle how threads meet, and traps. */
import { DELAY_SEED, TRAP_STEP, TRAP_THREAD } from "../generated/constants";

/** Most loads of a delay; a delay in four is this long, the others are short. */
const longDelay: u32 = 20000;
const shortDelay: u32 = 200;

let state: u32 = 0;

/** To be called at the start of a run. */
export function resetDelays(thread: i32): void {
  state = load<u32>(DELAY_SEED) * 0x9e3779b9 + <u32>thread * 0x85ebca6b + 1;
}

/** Traps if a test asked for it; `step` is a word of the code. */
// @ts-ignore: decorator
@inline
export function injectTrap(thread: i32, step: i32): void {
  if (load<i32>(TRAP_THREAD) == thread && load<i32>(TRAP_STEP) == step) unreachable();
}

/** Passes some time if a test asked for it. */
// @ts-ignore: decorator
@inline
export function delay(): void {
  if (load<u32>(DELAY_SEED) != 0) dawdle();
}

function dawdle(): void {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  let loads = (state >> 8) % ((state & 3) == 0 ? longDelay : shortDelay);
  while (loads > 0 && atomic.load<u32>(DELAY_SEED) != 0) loads--;
}
