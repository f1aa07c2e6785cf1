/** Calls single kernels of either arithmetic on typed arrays, without planner or executor. */
import { checkArithmetic, type Arithmetic } from "../../src/backends/wasm/arithmetic.ts";
import type { Words } from "../../src/core/dtype.ts";
import { Machine } from "../../src/backends/wasm/machine.ts";
import { ArenaMemory } from "../../src/backends/wasm/memory.ts";
import { threadSupport } from "../../src/backends/wasm/threads/support.ts";
import { opcode } from "../../src/backends/wasm/constants/opcodes.ts";
import { kernelsOn, type Kernel } from "./kernel-instance.ts";

/** Words before and behind every buffer that a kernel must not touch. */
const guardWords = 16;
const guardBits = 0x5afe5afe;
const pageBytes = 65536;

/** Elements of a workspace buffer, which kernels may find in any state. */
export const workspace = (words: number): Words => new Float32Array(words).fill(Number.NaN);

/** Numbers of parts, and of threads that do them. */
const partings = [
  [2, 2],
  [3, 2],
  [5, 5],
] as const;

/** The kernels of one arithmetic, on a memory of their own. */
export class SingleKernels {
  readonly #arena: ArenaMemory;
  readonly #machine: Machine;
  readonly #kernelNamed: (name: string) => Kernel;
  /** First address behind the kernels' own data, on a page of its own. */
  readonly #heapStart: number;

  private constructor(arena: ArenaMemory, machine: Machine, arithmetic: Arithmetic) {
    this.#arena = arena;
    this.#machine = machine;
    this.#kernelNamed = kernelsOn(arena.memory, arithmetic);
    this.#heapStart = alignUp(Number(this.#kernelNamed("heapBase")(0, 0, 0)), pageBytes);
  }

  static async create(arithmetic: Arithmetic): Promise<SingleKernels> {
    checkArithmetic(arithmetic);
    const arena = new ArenaMemory(true);
    arena.reserve(64 * pageBytes, "tests");
    const { source } = threadSupport();
    const options = { arithmetic, threads: 5, source, smallestSplit: 0, spins: 2000 };
    return new SingleKernels(arena, await Machine.create(arena, options), arithmetic);
  }

  /**
   * Runs `kernel` as `parts` shares, the last one first, on copies of `buffers` and returns the copies
   * as the kernel left them; an array given twice is one buffer. Throws when a kernel writes just
   * outside of its buffers.
   */
  run(
    kernel: string,
    buffers: readonly Words[],
    immediates: readonly number[],
    parts = 1,
  ): readonly Words[] {
    const addresses = this.#layOut(buffers);
    const args = this.#heapStart;
    this.#arena.words.set([...addresses, ...immediates], args / 4);
    for (let part = parts - 1; part >= 0; part--) this.#kernelNamed(kernel)(args, part, parts);
    this.#checkGuards(kernel, buffers, addresses);
    return this.#read(buffers, addresses);
  }

  /** {@link run}, but as a plan of a single step on so many threads. */
  #runOnThreads(
    kernel: string,
    buffers: readonly Words[],
    immediates: readonly number[],
    shares: number,
    threads: number,
  ): readonly Words[] {
    const addresses = this.#layOut(buffers);
    const machine = this.#machine;
    const code = this.#heapStart;
    const work = 1;
    const body = [
      work,
      shares,
      addresses.length,
      ...addresses.flatMap((address) => [0, address]),
      ...addresses.map(() => 0),
      ...immediates,
    ];
    const opcodeOfKernel = opcode.firstKernel + (machine.kernels.get(kernel) ?? NaN);
    const words = [opcodeOfKernel, body.length + 2, ...body, opcode.return, 2];
    this.#arena.words.set(words, code / 4);
    const tables = code + words.length * 4;
    const unused = (): void => undefined;
    const bases = {
      frame: 0,
      constants: 0,
      parameters: { at: 0, count: 0 },
      tables,
      tableBytes: 64,
    };
    machine.run({ code, start: 0, ...bases, threads, host: unused });
    if (machine.lastThreads !== threads) throw new Error("there are not enough threads");
    this.#checkGuards(kernel, buffers, addresses);
    return this.#read(buffers, addresses);
  }

  /**
   * {@link run} with 1, 2, 3 and 5 parts, one after the other and at the same time on as many threads or fewer;
   * throws unless all leave the same bits in the buffers `compared`.
   */
  runInParts(
    kernel: string,
    buffers: readonly Words[],
    immediates: readonly number[],
    compared: readonly number[],
  ): readonly Words[] {
    const whole = this.run(kernel, buffers, immediates);
    for (const [parts, threads] of partings) {
      const ways = {
        "one after the other": this.run(kernel, buffers, immediates, parts),
        "on threads": this.#runOnThreads(kernel, buffers, immediates, parts, threads),
      };
      for (const [way, shared] of Object.entries(ways)) {
        for (const index of compared) {
          const position = firstDifference(bitsOf(whole[index]), bitsOf(shared[index]));
          if (position < 0) continue;
          throw new Error(
            `${kernel} in ${parts} parts ${way} differs in buffer ${index} at ${position}`,
          );
        }
      }
    }
    return whole;
  }

  #layOut(buffers: readonly Words[]): number[] {
    const argumentBytes = 65536;
    let next = this.#heapStart + argumentBytes;
    const addressOf = new Map<Words, number>();
    for (const buffer of buffers) {
      if (addressOf.has(buffer)) continue;
      const address = next + guardWords * 4;
      addressOf.set(buffer, address);
      next = alignUp(address + (buffer.length + guardWords) * 4, 16);
    }
    const addresses = buffers.map((buffer) => addressOf.get(buffer) ?? 0);
    const missing = next + pageBytes - this.#arena.memory.buffer.byteLength;
    if (missing > 0) this.#arena.reserve(next + pageBytes, "tests");
    buffers.forEach((buffer, i) => {
      const guarded = addresses[i] / 4 - guardWords;
      new Int32Array(this.#arena.memory.buffer).fill(
        guardBits,
        guarded,
        guarded + buffer.length + 2 * guardWords,
      );
      wordsLike(buffer, this.#arena.memory.buffer, addresses[i]).set(buffer);
    });
    return addresses;
  }

  #checkGuards(kernel: string, buffers: readonly Words[], addresses: readonly number[]): void {
    const words = new Int32Array(this.#arena.memory.buffer);
    buffers.forEach((buffer, i) => {
      const start = addresses[i] / 4;
      const end = start + buffer.length;
      const guards = [
        ...words.subarray(start - guardWords, start),
        ...words.subarray(end, end + guardWords),
      ];
      if (guards.some((word) => word !== guardBits)) {
        throw new Error(`${kernel} wrote outside of buffer ${i}`);
      }
    });
  }

  #read(buffers: readonly Words[], addresses: readonly number[]): readonly Words[] {
    const { buffer: bytes } = this.#arena.memory;
    return buffers.map((buffer, i) => wordsLike(buffer, bytes, addresses[i]).slice());
  }
}

const strict = await SingleKernels.create("strict");

/** {@link SingleKernels.run} in strict arithmetic. */
export const run: SingleKernels["run"] = (...call) => strict.run(...call);

/** {@link SingleKernels.runInParts} in strict arithmetic. */
export const runInParts: SingleKernels["runInParts"] = (...call) => strict.runInParts(...call);

/** The bits of the words, for exact comparisons. */
export const bitsOf = (words: Words): Int32Array =>
  new Int32Array(words.buffer, words.byteOffset, words.length);

function alignUp(address: number, multiple: number): number {
  return Math.ceil(address / multiple) * multiple;
}

function firstDifference(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

function wordsLike(like: Words, buffer: ArrayBufferLike, address: number): Words {
  if (like instanceof Float32Array) return new Float32Array(buffer, address, like.length);
  if (like instanceof Uint32Array) return new Uint32Array(buffer, address, like.length);
  return new Int32Array(buffer, address, like.length);
}
