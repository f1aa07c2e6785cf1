/**
 * How threads wait for each other. A waiting thread looks at a word for about 100 us, because a hand-over to a spinning thread
 * costs 0.2 us and waking a sleeping one 50 to 200, and then asks the host to let it sleep.
 */
import { ABORT, ARRIVED, EPOCH, PARKED, SPINS } from "./control";
import { park } from "./host";

/** Returns when the word at `address` is not `value` any more. */
export function waitWhile(address: usize, value: i32): void {
  let spins = load<i32>(SPINS);
  while (atomic.load<i32>(address) == value) {
    if (spins > 0) {
      spins--;
      continue;
    }
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
