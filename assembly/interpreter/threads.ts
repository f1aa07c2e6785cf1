/** How a run begins, ends and fails on several threads. Thread 0 is the caller; the others wait for runs. */
import { ABORT, DONE, EPOCH, LEFT, RUN, TICKET } from "../generated/constants";
import { wake, waitWhile } from "./waiting";

/** Thread 0: the control block is written, the others may begin. */
export function startRun(): void {
  atomic.add<i32>(RUN, 1);
  wake(RUN);
}

/** Another thread: returns the number of the first run after number `last`. */
export function waitForRun(last: i32): i32 {
  waitWhile(RUN, last);
  return atomic.load<i32>(RUN);
}

/** Another thread: it touches nothing any more until the next run. */
export function leaveRun(): void {
  atomic.add<i32>(LEFT, 1);
  wake(LEFT);
}

/** Thread 0: returns when `others` threads have left the run. */
export function waitForOthers(others: i32): void {
  while (true) {
    const left = atomic.load<i32>(LEFT);
    if (left == others) return;
    waitWhile(LEFT, left);
  }
}

/** Any thread: the run has failed, nobody need wait any more. Whether this thread is the first to say so. */
export function abortRun(thread: i32): bool {
  const first = atomic.cmpxchg<i32>(ABORT, 0, thread + 1) == 0;
  atomic.add<i32>(EPOCH, 1);
  wake(EPOCH);
  atomic.add<i32>(DONE, 1 << 16);
  wake(DONE);
  atomic.store<i64>(TICKET, i64.MAX_VALUE);
  wake(TICKET);
  return first;
}
