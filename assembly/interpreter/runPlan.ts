/**
 * The plan interpreter: every thread walks the whole plan, whose words src/backends/wasm/constants/opcodes.ts describes. A kernel step with enough work
 * is shared (shares.ts); thread 0 does smaller steps, while the others go on to the next shared one and wait for it to be opened.
 * Where the way depends on a value, thread 0 reads it and tells the others.
 */
import { callKernel } from "../generated/kernel-table";
import {
  CALL, CODE, COND, CONSTANTS, DECISIONS, FIRST_KERNEL, firstParameter, FRAME, kernelHeader, PARAMETER_COUNT, PARAMETERS, PROFILE, RETURN, SCAN, SMALLEST_SPLIT,
  START, TABLE_BYTES, TABLES, THREADS, WHILE,
} from "../generated/constants";
import { currentStep, sharesDone } from "./control";
import { delay, injectTrap, resetDelays } from "./faults";
import { callHost, now } from "./host";
import { recordStep } from "./profile";
import { finishShare, joinStep, openStep, takeShare, waitForShares } from "./shares";
import { barrier } from "./waiting";

// One instance of the module belongs to one thread: these are its own.
let code: usize = 0;
let thread: i32 = 0;
let threads: i32 = 1;
let smallestSplit: i32 = 0;
let profiled: bool = false;
/** Shared steps met. */
let sharedSteps: i64 = 0;
/** Conditions met. */
let decisions: usize = 0;

/** Runs the plan that the control block describes as thread number `me`; not all threads are wanted in every run. */
export function runPlan(me: i32): void {
  if (me >= load<i32>(THREADS)) return;
  code = <usize>load<u32>(CODE);
  thread = me;
  threads = load<i32>(THREADS);
  smallestSplit = load<i32>(SMALLEST_SPLIT);
  profiled = me == 0 && load<u32>(PROFILE) != 0;
  sharedSteps = 0;
  store<i32>(sharesDone(me), 0);
  decisions = 0;
  resetDelays(me);
  const table = <usize>load<u32>(TABLES) + <usize>me * <usize>load<u32>(TABLE_BYTES);
  store<u32>(table, load<u32>(FRAME));
  store<u32>(table, load<u32>(CONSTANTS), 4);
  const parameters = table + firstParameter * 4;
  const bytes = (<usize>load<u32>(PARAMETER_COUNT)) << 2;
  memory.copy(parameters, <usize>load<u32>(PARAMETERS), bytes);
  runFunction(load<u32>(START), table, parameters + bytes);
}

/** Word `index` of the step at `step`. */
// @ts-ignore: decorator
@inline
function word(step: usize, index: i32): i32 {
  return load<i32>(step + ((<usize>index) << 2));
}

/** Runs the function whose steps begin at word `start`; its base table is at `table`, its callees' begin at `free`. */
function runFunction(start: u32, table: usize, free: usize): void {
  let step = code + ((<usize>start) << 2);
  while (true) {
    const op = word(step, 0);
    if (op >= FIRST_KERNEL) runKernel(op - FIRST_KERNEL, step, table);
    else if (op == RETURN) return;
    else if (op == CALL) runCall(step, table, free);
    else if (op == SCAN) runScan(step, table, free);
    else if (op == COND) runCond(step, table, free);
    else if (op == WHILE) runWhile(step, table, free);
    else runHost(step, table);
    step += (<usize>word(step, 1)) << 2;
  }
}

function runKernel(kernel: i32, step: usize, table: usize): void {
  const isShared = threads > 1 && word(step, 2) >= smallestSplit;
  if (isShared) sharedSteps++;
  if (thread == 0) lead(kernel, step, table, isShared);
  else if (isShared) follow(kernel, step);
}

// @ts-ignore: decorator
@inline
function sharesOf(step: usize): i32 {
  return word(step, 3);
}

// @ts-ignore: decorator
@inline
function bufferCount(step: usize): i32 {
  return word(step, kernelHeader - 1);
}

/** The (base, offset) pairs of a kernel step's buffers. */
// @ts-ignore: decorator
@inline
function bufferPairs(step: usize): usize {
  return step + kernelHeader * 4;
}

/** Thread 0: does a step, with the others if it is shared. */
function lead(kernel: i32, step: usize, table: usize, isShared: bool): void {
  const begin = profiled ? now() : 0;
  enterStep(step);
  const args = resolve(bufferPairs(step), bufferCount(step), table);
  if (isShared) {
    const shares = sharesOf(step);
    openStep(sharedSteps);
    doShares(kernel, args, shares);
    waitForShares(shares);
  } else {
    callKernel(kernel, args, 0, 1);
  }
  if (profiled) recordStep(step - code, begin, now());
}

/** Another thread: helps with a step. Its addresses are there: thread 0 has written them. */
function follow(kernel: i32, step: usize): void {
  enterStep(step);
  const args = bufferPairs(step) + ((<usize>bufferCount(step)) << 3);
  if (joinStep(sharedSteps)) doShares(kernel, args, sharesOf(step));
}

function doShares(kernel: i32, args: usize, shares: i32): void {
  while (true) {
    delay();
    const share = takeShare(sharedSteps, shares);
    if (share < 0) return;
    callKernel(kernel, args, share, shares);
    store<i32>(sharesDone(thread), load<i32>(sharesDone(thread)) + 1);
    delay();
    finishShare(shares);
  }
}

/** The host's own steps are thread 0's. */
function runHost(step: usize, table: usize): void {
  if (thread != 0) return;
  const begin = profiled ? now() : 0;
  enterStep(step);
  const count = word(step, 3);
  callHost(word(step, 2), resolve(step + 16, count, table), count);
  if (profiled) recordStep(step - code, begin, now());
}

/** Says where this thread is: for errors. */
// @ts-ignore: decorator
@inline
function enterStep(step: usize): void {
  const position = <i32>((step - code) >> 2);
  store<i32>(currentStep(thread), position);
  injectTrap(thread, position);
}

/** The same number for all threads: thread 0's. */
function agree(value: i32): i32 {
  if (threads == 1) return value;
  // The word that the next condition writes is not the one that slower threads may still have to read.
  const slot = DECISIONS + ((decisions & 1) << 2);
  decisions++;
  if (thread == 0) atomic.store<i32>(slot, value);
  barrier(threads);
  return atomic.load<i32>(slot);
}

/** The word at a place, as thread 0 sees it. */
function valueFor(table: usize, base: i32, offset: i32): i32 {
  return agree(thread == 0 ? load<i32>(addressOf(table, base, offset)) : 0);
}

// @ts-ignore: decorator
@inline
function addressOf(table: usize, base: i32, offset: i32): usize {
  return <usize>load<u32>(table + ((<usize>base) << 2)) + <usize>offset;
}

/** Writes the addresses of `count` (base, offset) pairs behind them. */
function resolve(pairs: usize, count: i32, table: usize): usize {
  const addresses = pairs + ((<usize>count) << 3);
  for (let i = 0; i < count; i++) {
    const pair = pairs + ((<usize>i) << 3);
    store<u32>(addresses + ((<usize>i) << 2), <u32>addressOf(table, load<i32>(pair), load<i32>(pair, 4)));
  }
  return addresses;
}

function setFrame(table: usize, free: usize, frameOffset: i32): void {
  store<u32>(free, load<u32>(table) + <u32>frameOffset);
  store<u32>(free, load<u32>(table, 4), 4);
}

/** Fills a callee's base table from (base, offset) pairs; returns where the tables of its callees begin. */
function enter(table: usize, free: usize, frameOffset: i32, pairs: usize, count: i32): usize {
  setFrame(table, free, frameOffset);
  const parameters = free + firstParameter * 4;
  for (let i = 0; i < count; i++) {
    const pair = pairs + ((<usize>i) << 3);
    store<u32>(parameters + ((<usize>i) << 2), <u32>addressOf(table, load<i32>(pair), load<i32>(pair, 4)));
  }
  return parameters + ((<usize>count) << 2);
}

function runCall(step: usize, table: usize, free: usize): void {
  const next = enter(table, free, word(step, 3), step + 20, word(step, 4));
  runFunction(word(step, 2), free, next);
}

function runScan(step: usize, table: usize, free: usize): void {
  const start = word(step, 2);
  const iterations = word(step, 4);
  const count = word(step, 5);
  const parameters = free + firstParameter * 4;
  const next = parameters + ((<usize>count) << 2);
  setFrame(table, free, word(step, 3));
  for (let iteration = 0; iteration < iterations; iteration++) {
    let argument = step + 24;
    for (let i = 0; i < count; i++) {
      // Modulo 2^32, as addresses are.
      const address = addressOf(table, load<i32>(argument), load<i32>(argument, 4)) +
        <usize>(load<i32>(argument, 8) * iteration);
      store<u32>(parameters + ((<usize>i) << 2), <u32>address);
      argument += 12;
    }
    runFunction(start, free, next);
  }
}

function runCond(step: usize, table: usize, free: usize): void {
  const branches = word(step, 5);
  const index = valueFor(table, word(step, 2), word(step, 3));
  const branch = max(0, min(index, branches - 1));
  const count = word(step, 6 + branches);
  const pairs = step + ((<usize>(7 + branches)) << 2);
  const next = enter(table, free, word(step, 4), pairs, count);
  runFunction(word(step, 6 + branch), free, next);
}

function runWhile(step: usize, table: usize, free: usize): void {
  const conditionCount = word(step, 7);
  const conditionPairs = step + 36;
  const bodyPairs = conditionPairs + ((<usize>conditionCount) << 3);
  while (true) {
    let next = enter(table, free, word(step, 4), conditionPairs, conditionCount);
    runFunction(word(step, 2), free, next);
    if (valueFor(table, word(step, 5), word(step, 6)) == 0) return;
    next = enter(table, free, word(step, 4), bodyPairs, word(step, 8));
    runFunction(word(step, 3), free, next);
  }
}
