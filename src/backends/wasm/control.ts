/**
 * Addresses of the words of the control block, through which the host and the threads of a run talk;
 * assembly/interpreter/control.ts says what each means. They lie below the kernels' static data, which begins at
 * `memoryBase` of asconfig.json.
 */
export const control = {
  epoch: 1024,
  arrived: 1088,
  run: 1152,
  abort: 1216,
  parked: 1280,
  decisions: 1344,
  threads: 1408,
  code: 1412,
  start: 1416,
  frame: 1420,
  constants: 1424,
  tables: 1428,
  tableBytes: 1432,
  smallestSplit: 1436,
  spins: 1440,
  profile: 1444,
  trace: 1448,
  traceCapacity: 1452,
  traceCount: 1456,
  delaySeed: 1472,
  trapThread: 1476,
  trapStep: 1480,
  left: 1536,
  ready: 1600,
  failure: 1664,
  currentSteps: 2048,
  sharesDone: 2052,
  ticket: 4096,
  done: 4160,
} as const;

/** Most characters of a failure's text. */
export const failureLength = 300;

/** Bytes between the words of two threads. */
export const threadStride = 64;

/** Of a profile: bytes of a step's sum, and of an event. */
export const profileBytes = { sum: 16, event: 24 } as const;
