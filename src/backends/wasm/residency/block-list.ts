import type { Block } from "./block.ts";

/** Blocks begin at cache lines of their own. */
const alignment = 64;

/** A WebAssembly memory ends here. */
const addressSpace = 2 ** 32;

/** Blocks by their addresses, and the room between them. */
export class BlockList {
  readonly #blocks: Block[] = [];

  get all(): readonly Block[] {
    return this.#blocks;
  }

  /** The lowest address. */
  get first(): number {
    return this.#blocks.length === 0 ? Number.POSITIVE_INFINITY : this.#blocks[0].address;
  }

  /** The first address from `from` on with room for so many bytes before `end`. */
  room(bytes: number, from: number, end = addressSpace): number | undefined {
    let address = align(from);
    for (const block of this.#blocks) {
      if (address + bytes <= block.address) break;
      address = Math.max(address, align(block.address + block.bytes));
    }
    return address + bytes <= end ? address : undefined;
  }

  add(address: number, bytes: number, lastUse: number): Block {
    const block: Block = { address, bytes, holds: { kind: "nothing" }, present: true, lastUse };
    const behind = this.#blocks.findIndex((other) => other.address > address);
    this.#blocks.splice(behind < 0 ? this.#blocks.length : behind, 0, block);
    return block;
  }

  remove(block: Block): void {
    block.present = false;
    this.#blocks.splice(this.#blocks.indexOf(block), 1);
  }
}

const align = (address: number): number => Math.ceil(address / alignment) * alignment;
