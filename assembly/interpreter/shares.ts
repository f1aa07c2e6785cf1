/**
 * How threads share a step. Thread 0 opens it when everything before is done; a share goes to whoever takes it first, and
 * thread 0 goes on when all are finished. So a thread that comes late, because its core has other work, holds nobody up: the
 * others take its shares, and it passes over the steps that are done without it.
 *
 * The ticket is 256 times the number of the open step, plus the shares of it that are taken.
 */
import { ABORT, DONE, TICKET } from "../generated/constants";
import { wake, waitWhile } from "./waiting";

/** Thread 0: lets all take shares of a step. Steps are numbered from 1. */
export function openStep(number: i64): void {
  atomic.store<i32>(DONE, 0);
  atomic.store<i64>(TICKET, number << 8);
  wake(TICKET);
}

/** Another thread: waits until thread 0 has opened the step. False when it is over. */
export function joinStep(number: i64): bool {
  while (true) {
    const ticket = atomic.load<i64>(TICKET);
    // A run that fails is marked first, then the ticket changes: either the mark shows here or the wait ends.
    if (atomic.load<i32>(ABORT) != 0) unreachable();
    if (ticket >> 8 == number) return true;
    if (ticket >> 8 > number) return false;
    waitWhile(TICKET, <i32>ticket);
  }
}

/** The number of a share of the step that nobody has taken, or -1. */
export function takeShare(number: i64, shares: i32): i32 {
  while (true) {
    const ticket = atomic.load<i64>(TICKET);
    const share = <i32>(ticket & 255);
    if (ticket >> 8 != number || share >= shares) return -1;
    if (atomic.cmpxchg<i64>(TICKET, ticket, ticket + 1) == ticket) return share;
  }
}

/** A share that was taken is done. */
export function finishShare(shares: i32): void {
  if (atomic.add<i32>(DONE, 1) == shares - 1) wake(DONE);
}

/** Thread 0: returns when all shares are done; traps when the run has failed. */
export function waitForShares(shares: i32): void {
  while (true) {
    const done = atomic.load<i32>(DONE);
    if (atomic.load<i32>(ABORT) != 0) unreachable();
    if (done == shares) return;
    waitWhile(DONE, done);
  }
}
