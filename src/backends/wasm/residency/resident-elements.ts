import type { Aval } from "../../../core/aval.ts";
import { wordsOf, type Words } from "../../../core/dtype.ts";
import { sizeOf } from "../../../core/shape.ts";
import type { ArenaMemory } from "../memory.ts";
import type { Block, Owner } from "./block.ts";

/**
 * Elements that lie in a block, or did. The block knows this record, and not the storage that a tensor holds: so the
 * storage can be collected, and its block is free without anything being copied.
 */
export class ResidentElements implements Owner {
  readonly #memory: ArenaMemory;
  #block: Block | undefined;
  #aval: Aval;
  /** A copy for those who read; the only one once there is no block. */
  #words: Words | undefined;

  constructor(memory: ArenaMemory, block: Block, aval: Aval) {
    this.#memory = memory;
    this.#block = block;
    this.#aval = aval;
    block.holds = { kind: "value", owner: this };
  }

  get block(): Block | undefined {
    return this.#block;
  }

  get evicted(): Words | undefined {
    return this.#block ? undefined : this.#words;
  }

  words(): Words {
    return (this.#words ??= this.#read());
  }

  leave(): void {
    this.words();
    this.#block = undefined;
  }

  /** They are those of another block from now on. */
  moveTo(block: Block, aval: Aval): void {
    this.#block = block;
    this.#aval = aval;
    this.#words = undefined;
    block.holds = { kind: "value", owner: this };
  }

  /** Nobody needs them any more; returns the block that they had. */
  drop(): Block | undefined {
    const old = this.#block;
    this.#block = undefined;
    this.#words = undefined;
    return old;
  }

  #read(): Words {
    const { dtype, shape } = this.#aval;
    const words = wordsOf(dtype, new ArrayBuffer(4 * sizeOf(shape)));
    if (this.#block) this.#memory.read(this.#block.address, words);
    return words;
  }
}
