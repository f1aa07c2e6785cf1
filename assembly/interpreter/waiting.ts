/**
 * How threads wait for each other. A waiting thread looks at a word for up to about 500 us, because a hand-over to a spinning
 * thread costs 0.2 us and waking a sleeping one 50 to 200, and then asks the host to let it sleep. Where looking has been in
 * vain lately, as on cores that others use too, it looks for a shorter time, so that whoever it waits for gets the core.
 */
import { ABORT, ARRIVED, EPOCH, PARKED, SPINS } from "../generated/constants";
import { park } from "./host";

/** The shortest look. */
const fewSpins: i32 = 200;
/** Every so many waits the full time is tried again. */
const trial: i32 = 16;

// Of this thread: how long it looks, and how often it has waited.
let patience: i32 = i32.MAX_VALUE;
let waits: i32 = 0;

/** Returns when the word at `address` is not `value` any more. */
export function waitWhile(address: usize, value: i32): void {
  const most = load<i32>(SPINS);
  const limit = waits % trial == 0 ? most : min(patience, most);
  waits++;
  for (let spins = 0; spins < limit; spins++) {
    if (atomic.load<i32>(address) == value) continue;
    patience = max(patience, min(most, 4 * spins + fewSpins));
    return;
  }
  patience = max(fewSpins, min(patience, most) >> 1);
  while (atomic.load<i32>(address) == value) {
    // Whoever changes the word looks at PARKED afterwards: it sees this thread, or this thread sees the change.
    atomic.add<i32>(PARKED, 1);
    if (atomic.load<i32>(address) == value) park(address, value);
    atomic.sub<i32>(PARKED, 1);
  }
}

/** Wakes the threads that sleep on a word which has just changed. */
export function wake(address: usize): void {
  if (atomic.load<i32>(PARKED) > 0) atomic.notify(address, -1);
}

/** Returns when all of `threads` threads have come here; traps when the run has failed. */
export function barrier(threads: i32): void {
  const epoch = atomic.load<i32>(EPOCH);
  // A run that fails is marked first, then the epoch changes: either the mark shows here or the wait ends.
  if (atomic.load<i32>(ABORT) != 0) unreachable();
  if (atomic.add<i32>(ARRIVED, 1) == threads - 1) {
    atomic.store<i32>(ARRIVED, 0);
    atomic.add<i32>(EPOCH, 1);
    wake(EPOCH);
  } else {
    waitWhile(EPOCH, epoch);
  }
  if (atomic.load<i32>(ABORT) != 0) unreachable();
}
