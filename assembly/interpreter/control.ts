/**
 * The control block: words in low memory, below the kernels' static data, through which the host and the threads of a run talk.
 * src/backends/wasm/control.ts has the same numbers. Words that several threads write have cache lines of their own.
 */

/** i64: the open step and its shares that are taken, see shares.ts. */
export const TICKET: usize = 4096;
/** Shares of the open step that are done. */
export const DONE: usize = 4160;
/** Barriers passed: changes when the last thread arrives, and when a run is aborted. */
export const EPOCH: usize = 1024;
/** Threads that wait at the barrier. */
export const ARRIVED: usize = 1088;
/** Runs started on several threads. */
export const RUN: usize = 1152;
/** The run has failed: 1 + the number of the thread that failed first. */
export const ABORT: usize = 1216;
/** Threads that sleep, or are about to. */
export const PARKED: usize = 1280;
/** What thread 0 decided at a condition, for all; two words that take turns. */
export const DECISIONS: usize = 1344;

/** Threads other than 0 that have left the run. */
export const LEFT: usize = 1536;
/** Threads other than 0 that have started; the host's own. */
export const READY: usize = 1600;

// What the host asks for; constant during a run.
export const THREADS: usize = 1408;
export const CODE: usize = 1412;
export const START: usize = 1416;
export const FRAME: usize = 1420;
export const CONSTANTS: usize = 1424;
/** Base tables, TABLE_BYTES for each thread. */
export const TABLES: usize = 1428;
export const TABLE_BYTES: usize = 1432;
/** Steps with less work than this are done by thread 0 alone. */
export const SMALLEST_SPLIT: usize = 1436;
/** Looks at a word before a waiting thread goes to sleep. */
export const SPINS: usize = 1440;
/** Where times are kept: 16 bytes for every fourth word of the code; 0: nobody asks. */
export const PROFILE: usize = 1444;
/** Where events are kept, 24 bytes each, and how many fit. */
export const TRACE: usize = 1448;
export const TRACE_CAPACITY: usize = 1452;
/** Events that happened; those beyond the capacity were not kept. */
export const TRACE_COUNT: usize = 1456;

// For tests.
/** Not 0: every share of a step is delayed by a pseudo-random time that this number decides. */
export const DELAY_SEED: usize = 1472;
/** A trap happens in thread TRAP_THREAD (-1: none) before the step at word TRAP_STEP. */
export const TRAP_THREAD: usize = 1476;
export const TRAP_STEP: usize = 1480;

/** Why the run has failed, as the host's thread wrote it: length, then characters below 128. */
export const FAILURE: usize = 1664;

/** By thread, 64 bytes apart: the word of the code of the step that it is at, then the shares that it did in this run. */
export const CURRENT_STEPS: usize = 2048;

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
