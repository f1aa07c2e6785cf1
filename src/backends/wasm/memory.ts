import type { Words } from "../../core/dtype.ts";
import { BackendError } from "../../core/errors.ts";
import { kernelsRefused } from "./engine.ts";
import type { WasmMemory } from "./web-assembly.ts";

const pageBytes = 65536;
const maximumPages = 65536;
/** Room for the kernels' static data, as `initialMemory` in asconfig.json has it; the arena grows behind it. */
const initialPages = 32;

/** The one memory of a backend, with its views renewed whenever it grows. */
export class ArenaMemory {
  readonly memory: WasmMemory;
  #bytes: number;
  #i32: Int32Array;
  #u32: Uint32Array;
  #f32: Float32Array;

  /**
   * @param shared whether other threads may work on it
   * @throws BackendError when the system gives none
   */
  constructor(shared: boolean) {
    this.memory = newMemory(shared);
    const { buffer } = this.memory;
    this.#bytes = buffer.byteLength;
    this.#i32 = new Int32Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#f32 = new Float32Array(buffer);
  }

  /** The addresses below are usable. */
  get bytes(): number {
    return this.#bytes;
  }

  get words(): Int32Array {
    return this.#i32;
  }

  /** The bytes of an area, as the kernels have written them (little-endian). */
  view(address: number, bytes: number): DataView {
    return new DataView(this.#i32.buffer, address, bytes);
  }

  /**
   * Makes the addresses below `end` usable.
   * @throws BackendError when that needs more than 4 GiB, or more than the machine gives
   */
  reserve(end: number, where: string): void {
    if (end <= this.#bytes) return;
    const pages = Math.ceil(end / pageBytes);
    if (pages > maximumPages) throw outOfMemory(end, where, "A WebAssembly memory ends at 4 GiB");
    if (!this.grow(end)) throw outOfMemory(end, where, "The system refuses to give that much");
  }

  /** As {@link reserve}; false where that is not possible. */
  grow(end: number): boolean {
    const pages = Math.ceil(end / pageBytes);
    if (pages > maximumPages) return false;
    if (end <= this.#bytes) return true;
    try {
      this.memory.grow(pages - this.#bytes / pageBytes);
    } catch {
      return false;
    }
    const { buffer } = this.memory;
    this.#bytes = buffer.byteLength;
    this.#i32 = new Int32Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#f32 = new Float32Array(buffer);
    return true;
  }

  /** Copies words from one place in the memory to another. */
  move(from: number, to: number, bytes: number): void {
    this.#i32.copyWithin(to >>> 2, from >>> 2, (from + bytes) / 4);
  }

  write(address: number, source: Words): void {
    const index = address >>> 2;
    if (source instanceof Float32Array) this.#f32.set(source, index);
    else if (source instanceof Int32Array) this.#i32.set(source, index);
    else this.#u32.set(source, index);
  }

  /** Copies words out into `target`, whose type only says how to move them. */
  read(address: number, target: Words): void {
    const index = address >>> 2;
    const end = index + target.length;
    if (target instanceof Float32Array) target.set(this.#f32.subarray(index, end));
    else if (target instanceof Int32Array) target.set(this.#i32.subarray(index, end));
    else target.set(this.#u32.subarray(index, end));
  }
}

function newMemory(shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: initialPages, maximum: maximumPages, shared });
  } catch (error) {
    throw kernelsRefused(error);
  }
}

const outOfMemory = (bytes: number, where: string, reason: string): BackendError =>
  new BackendError("the program needs more memory than there is", {
    where,
    expected: "at most 4294967296 bytes",
    got: `${bytes} bytes`,
    fix: `${reason}: use smaller batches or chunks, or look at the largest values of the plan.`,
  });
