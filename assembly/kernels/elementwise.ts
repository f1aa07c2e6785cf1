/**
 * The tile VM: runs a fused elementwise cluster tile by tile, so that intermediate values stay in the
 * first-level cache. Every operation is one loop over a tile; tiles are independent, so neither their
 * length nor the number of parts changes any bit.
 */
import { runLoop } from "../generated/scalar-loops";
import { copyRun, fillRun } from "../support/copy";
import { loadStridedTile } from "../support/stridedTile";
import { scratchOf } from "../support/tileScratch";
import { at, buffer, immediate, immediatesAt, shareStart } from "../support/words";

// Positions in the header of a program; see src/backends/wasm/tile-program.ts.
const COUNT: i32 = 1;
const TILE_WORDS: i32 = 2;
const REGISTERS: i32 = 3;
const CONSTANTS: i32 = 4;
const INSTRUCTIONS: i32 = 5;
const GROUPS: i32 = 6;
const REGISTER_BYTES: i32 = 7;
const HEADER: i32 = 8;

/** Words of an instruction: operation, result slot, three operand slots. */
const INSTRUCTION: i32 = 5;

// Kinds of inputs; the words of an input are its kind, its offset and, if strided, its view.
const CONTIGUOUS: i32 = 0;
const UNIFORM: i32 = 1; // Any other kind is strided.

/** Words of the smallest unit of work: loops take 64 bytes at a time. */
const GROUP: i32 = 16;
const GROUP_BYTES: usize = 64;

/** Buffers: outputs, inputs. Immediates: a tile program. */
export function elementwise(args: usize, part: i32, parts: i32): void {
  // Addresses are multiples of 4; the program's first word is odd, which tells how many buffers there are.
  let buffers = 0;
  while ((immediate(args, buffers) & 1) == 0) buffers++;
  const program = immediatesAt(args, buffers);
  const inputs = (immediate(program, 0) >> 1) & 0x3fff;
  const outputs = buffers - inputs;

  const count = immediate(program, COUNT);
  const tileWords = immediate(program, TILE_WORDS);
  const tiles = (count + tileWords - 1) / tileWords;
  const first = shareStart(tiles, part, parts) * tileWords;
  const end = min(count, shareStart(tiles, part + 1, parts) * tileWords);
  if (first >= end) return;

  const slots = scratchOf(part);
  prepareSlots(args, program, slots, outputs, inputs, first);
  let start = first;
  while (start < end) {
    const words = min(tileWords, end - start) & -GROUP;
    if (words == 0) break;
    runTile(program, slots, outputs, inputs, start, words, words);
    start += words;
    advanceSlots(slots, program, outputs, inputs, <usize>words << 2);
  }
  if (start < end) runTail(args, program, slots, outputs, inputs, start, end - start);
}

/** A slot is the address of a value's next words and how far it advances per vector: 16 or 0 bytes. */
// @ts-ignore: decorator
@inline
function setSlot(slots: usize, slot: i32, address: usize, step: i32): void {
  const entry = slots + ((<usize>slot) << 3);
  store<u32>(entry, <u32>address);
  store<i32>(entry, step, 4);
}

// @ts-ignore: decorator
@inline
function slotAddress(slots: usize, slot: i32): usize {
  return <usize>load<u32>(slots + ((<usize>slot) << 3));
}

// @ts-ignore: decorator
@inline
function slotStep(slots: usize, slot: i32): usize {
  return <usize>load<u32>(slots + ((<usize>slot) << 3), 4);
}

/** The words of input number `input`. */
// @ts-ignore: decorator
@inline
function inputWords(program: usize, input: i32): usize {
  return at(program, immediate(program, HEADER + input));
}

/**
 * Fills the slot table: outputs, inputs, constants, registers. Constants and uniform inputs are
 * repeated over a group of 64 bytes that loops read again and again.
 */
function prepareSlots(
  args: usize, program: usize, slots: usize, outputs: i32, inputs: i32, start: i32,
): void {
  for (let i = 0; i < outputs; i++) setSlot(slots, i, at(buffer(args, i), start), 16);
  let group = slots + <usize>immediate(program, GROUPS);
  for (let i = 0; i < inputs; i++) {
    const words = inputWords(program, i);
    const address = at(buffer(args, outputs + i), immediate(words, 1));
    const kind = immediate(words, 0);
    if (kind == UNIFORM) {
      fillRun(group, load<i32>(address), GROUP);
      setSlot(slots, outputs + i, group, 0);
      group += GROUP_BYTES;
    } else {
      setSlot(slots, outputs + i, kind == CONTIGUOUS ? at(address, start) : address, 16);
    }
  }
  const constants = immediate(program, CONSTANTS);
  const constantWords = at(program, HEADER + inputs);
  for (let i = 0; i < constants; i++) {
    fillRun(group, immediate(constantWords, i), GROUP);
    setSlot(slots, outputs + inputs + i, group, 0);
    group += GROUP_BYTES;
  }
  const tileBytes = <usize>immediate(program, TILE_WORDS) << 2;
  let register = slots + <usize>immediate(program, REGISTER_BYTES);
  for (let i = 0; i < immediate(program, REGISTERS); i++) {
    setSlot(slots, outputs + inputs + constants + i, register, 16);
    register += tileBytes;
  }
}

/** Moves the outputs and the contiguous inputs on. */
function advanceSlots(slots: usize, program: usize, outputs: i32, inputs: i32, bytes: usize): void {
  for (let i = 0; i < outputs; i++) setSlot(slots, i, slotAddress(slots, i) + bytes, 16);
  for (let i = 0; i < inputs; i++) {
    const slot = outputs + i;
    if (immediate(inputWords(program, i), 0) == CONTIGUOUS) {
      setSlot(slots, slot, slotAddress(slots, slot) + bytes, 16);
    }
  }
}

/** Runs the instructions on `words` words, a multiple of a group, of which `valid` exist. */
function runTile(
  program: usize, slots: usize, outputs: i32, inputs: i32, start: i32, words: i32, valid: i32,
): void {
  const bytes = <usize>words << 2;
  const loops = immediate(program, 0) >>> 16;
  let instruction = at(program, HEADER + inputs + immediate(program, CONSTANTS));
  const end = at(instruction, immediate(program, INSTRUCTIONS) * INSTRUCTION);
  for (; instruction != end; instruction = at(instruction, INSTRUCTION)) {
    const op = immediate(instruction, 0);
    const out = slotAddress(slots, immediate(instruction, 1));
    const x = immediate(instruction, 2);
    if (op >= loops) {
      const view = inputWords(program, x - outputs);
      loadStridedTile(at(view, 2), slotAddress(slots, x), start, valid, out);
      continue;
    }
    const y = immediate(instruction, 3);
    const z = immediate(instruction, 4);
    runLoop(
      op, out, out + bytes, slotAddress(slots, x), slotStep(slots, x),
      slotAddress(slots, y), slotStep(slots, y), slotAddress(slots, z), slotStep(slots, z),
    );
  }
}

/**
 * The last `count` < 16 words: they do the arithmetic of a whole group on copies, so that
 * nothing outside of the buffers is touched.
 */
function runTail(
  args: usize, program: usize, slots: usize, outputs: i32, inputs: i32, start: i32, count: i32,
): void {
  let group = slots + <usize>immediate(program, REGISTER_BYTES);
  for (let i = 0; i < inputs; i++) {
    if (immediate(inputWords(program, i), 0) != CONTIGUOUS) continue;
    group -= GROUP_BYTES;
    copyRun(group, slotAddress(slots, outputs + i), count);
    setSlot(slots, outputs + i, group, 16);
  }
  for (let i = 0; i < outputs; i++) {
    group -= GROUP_BYTES;
    setSlot(slots, i, group, 16);
  }
  runTile(program, slots, outputs, inputs, start, GROUP, count);
  for (let i = 0; i < outputs; i++) copyRun(at(buffer(args, i), start), slotAddress(slots, i), count);
}
