/**
 * The control block: words in low memory, below the kernels' static data (`memoryBase` of asconfig.json), through which the host and the
 * threads of a run talk. Words that several threads write have cache lines of their own. The kernels get these numbers from here
 * (tools/generate-constants.mjs).
 */
export const control = {
  /** Barriers passed: changes when the last thread arrives, and when a run is aborted. */
  epoch: 1024,
  /** Threads that wait at the barrier. */
  arrived: 1088,
  /** Runs started on several threads. */
  run: 1152,
  /** The run has failed: 1 + the number of the thread that failed first. */
  abort: 1216,
  /** Threads that sleep, or are about to. */
  parked: 1280,
  /** What thread 0 decided at a condition, for all; two words that take turns. */
  decisions: 1344,

  // What the host asks for; constant during a run.
  threads: 1408,
  code: 1412,
  start: 1416,
  frame: 1420,
  constants: 1424,
  /** Base tables, `tableBytes` for each thread. */
  tables: 1428,
  tableBytes: 1432,
  /** Steps with less work than this are done by thread 0 alone. */
  smallestSplit: 1436,
  /** Looks at a word before a waiting thread goes to sleep. */
  spins: 1440,
  /** Where times are kept: a sum for every fourth word of the code; 0: nobody asks. */
  profile: 1444,
  /** Where events are kept, and how many fit. */
  trace: 1448,
  traceCapacity: 1452,
  /** Events that happened; those beyond the capacity were not kept. */
  traceCount: 1456,
  /** Where the addresses of the main function's parameters are listed, and how many there are. */
  parameters: 1460,
  parameterCount: 1464,

  // For tests.
  /** Not 0: every share of a step is delayed by a pseudo-random time that this number decides. */
  delaySeed: 1472,
  /** A trap happens in this thread (-1: none) before the step at word `trapStep`. */
  trapThread: 1476,
  trapStep: 1480,

  /** Threads other than 0 that have left the run. */
  left: 1536,
  /** Threads other than 0 that have started; the host's own. */
  ready: 1600,
  /** Why the run has failed, as the host's thread wrote it: length, then characters below 128. */
  failure: 1664,
  /** By thread, `threadStride` apart: the word of the code of the step that it is at, then the shares that it did in this run. */
  currentSteps: 2048,
  sharesDone: 2052,
  /** i64: the open step and its shares that are taken, see assembly/interpreter/shares.ts. */
  ticket: 4096,
  /** Shares of the open step that are done. */
  done: 4160,
} as const;

/** Most characters of a failure's text. */
export const failureLength = 300;

/** Bytes between the words of two threads. */
export const threadStride = 64;

/** Of a profile: bytes of a step's sum, and of an event. */
export const profileBytes = { sum: 16, event: 24 } as const;
