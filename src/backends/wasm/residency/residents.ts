import type { Aval } from "../../../core/aval.ts";
import type { Words } from "../../../core/dtype.ts";
import { noteCopy } from "../../../core/release.ts";
import {
  isHostStorage,
  type Place,
  type ResidentStorage,
  type Storage,
} from "../../../core/storage.ts";
import type { ArenaMemory } from "../memory.ts";
import type { Block, Contents } from "./block.ts";
import { BlockList } from "./block-list.ts";
import { ResidentElements } from "./resident-elements.ts";

/** A block that holds a copy, as long as it holds that one. */
interface Copy {
  readonly block: Block;
  readonly contents: Contents;
}

const isThere = ({ block, contents }: Copy): boolean => block.present && block.holds === contents;

/**
 * What stays in a backend's memory from one run to the next (docs/design/residency.md): results that are going to be given back, and copies
 * of inputs that come again and again. It lies behind the frames, and goes to the host when a frame needs its place.
 */
export class Residents {
  readonly place: Place;
  readonly #memory: ArenaMemory;
  readonly #blocks = new BlockList();
  readonly #copies = new WeakMap<Words, Copy>();
  readonly #droppedWords: FinalizationRegistry<Copy>;
  readonly #droppedStorages: FinalizationRegistry<ResidentElements>;
  readonly #elements = new WeakMap<Storage, ResidentElements>();
  /** Number of the run that is being prepared or running. */
  #run = 0;
  /** End of the frame of that run. */
  #frameEnd = 0;
  /** End of the largest frame that came while there were blocks: behind it they need not make room again. */
  #floor = 0;
  /** The most bytes of copies: the arena never becomes more than twice what frames alone need. */
  #mostCopied = 0;
  #copied = 0;

  constructor(memory: ArenaMemory, place: Place) {
    this.#memory = memory;
    this.place = place;
    this.#droppedWords = new FinalizationRegistry((copy) => {
      if (isThere(copy)) this.free(copy.block);
    });
    this.#droppedStorages = new FinalizationRegistry((elements) => {
      const block = elements.drop();
      if (block) this.free(block);
    });
  }

  /** Bytes of everything that is kept. */
  get bytes(): number {
    return this.#blocks.all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * A run begins whose frame ends at `frameEnd`: what lies below has to leave.
   * @param plannedBytes what the program needs without anything staying
   */
  begin(frameEnd: number, plannedBytes: number): void {
    this.#run++;
    this.#frameEnd = frameEnd;
    this.#mostCopied = Math.max(this.#mostCopied, plannedBytes);
    if (this.#blocks.all.length > 0) this.#floor = Math.max(this.#floor, frameEnd);
    while (this.#blocks.first < frameEnd) this.#evict(this.#blocks.all[0]);
  }

  /** The block of a tensor's elements, if they are here and nowhere else. */
  blockOf(storage: Storage): Block | undefined {
    return isHostStorage(storage) ? undefined : this.#elements.get(storage)?.block;
  }

  /** A block with a tensor's elements, if there is one. */
  find(storage: Storage): Block | undefined {
    if (!isHostStorage(storage)) return this.blockOf(storage);
    const copy = this.#copies.get(storage);
    return copy && isThere(copy) ? copy.block : undefined;
  }

  /** The run needs the block: it stays until the next one. */
  use(block: Block): Block {
    block.lastUse = this.#run;
    return block;
  }

  /** A block with the words of the host, which nobody changes; undefined where there is no room. */
  copyOf(words: Words): Block | undefined {
    const known = this.find(words);
    if (known) return this.use(known);
    this.#limitCopies(words.byteLength);
    const block = this.allocate(words.byteLength);
    if (!block) return undefined;
    this.#memory.write(block.address, words);
    const copy: Copy = { block, contents: { kind: "copy" } };
    block.holds = copy.contents;
    this.#copied += block.bytes;
    this.#copies.set(words, copy);
    noteCopy(words, this, () => {
      if (isThere(copy)) this.free(copy.block);
    });
    this.#droppedWords.register(words, copy);
    return block;
  }

  /** A block for this run; undefined where there is no room. */
  allocate(bytes: number): Block | undefined {
    const address = this.#find(bytes);
    return address === undefined ? undefined : this.#blocks.add(address, bytes, this.#run);
  }

  /**
   * The storage of a result that lies in a block, and that takes the place of a donated input.
   * @param given the input's storage, which is nobody's now
   * @param read the block in which the run has read it: it is empty now
   */
  takeOver(given: Storage, read: Block, block: Block, aval: Aval): Storage {
    this.empty(read);
    const elements = isHostStorage(given) ? undefined : this.#elements.get(given);
    if (!elements) {
      this.discard(given);
      return this.#store(block, aval);
    }
    // The same record all through a training: one that is looked at weakly costs as much as many steps.
    elements.moveTo(block, aval);
    return given;
  }

  /** A storage is nobody's. */
  discard(storage: Storage): void {
    if (!isHostStorage(storage)) {
      storage.release();
      return;
    }
    const block = this.find(storage);
    if (block) this.free(block);
  }

  #store(block: Block, aval: Aval): ResidentStorage {
    const elements = new ResidentElements(this.#memory, block, aval);
    const storage: ResidentStorage = {
      kind: "resident",
      place: this.place,
      words: () => elements.words(),
      get evicted() {
        return elements.evicted;
      },
      release: () => {
        const old = elements.drop();
        if (old) this.free(old);
      },
    };
    this.#elements.set(storage, elements);
    this.#droppedStorages.register(storage, elements);
    return storage;
  }

  /** Nothing in the block matters any more; whoever keeps it may use it again. */
  empty(block: Block): void {
    if (block.holds.kind === "copy") this.#copied -= block.bytes;
    block.holds = { kind: "nothing" };
  }

  /** Gives the room back. */
  free(block: Block): void {
    if (!block.present) return;
    this.empty(block);
    this.#blocks.remove(block);
  }

  /** Everything that somebody may still read goes to the host. */
  evictAll(): void {
    while (this.#blocks.all.length > 0) this.#evict(this.#blocks.all[0]);
  }

  #evict(block: Block): void {
    if (block.holds.kind === "value") block.holds.owner.leave();
    this.free(block);
  }

  /** Blocks that this run does not need, those first that were not used for longest. */
  #idle(): readonly Block[] {
    return this.#blocks.all
      .filter(({ lastUse }) => lastUse !== this.#run)
      .sort((a, b) => a.lastUse - b.lastUse);
  }

  #limitCopies(more: number): void {
    for (const block of this.#idle()) {
      if (this.#copied + more <= this.#mostCopied) return;
      if (block.holds.kind === "copy") this.free(block);
    }
  }

  /**
   * Room for so many bytes: where the memory has it, where executables keep empty blocks, behind the end of the memory, in the place of what
   * was not used for longest, and at last below frames that others may have.
   */
  #find(bytes: number): number | undefined {
    const floor = Math.max(this.#floor, this.#frameEnd);
    const inMemory = (): number | undefined => this.#blocks.room(bytes, floor, this.#memory.bytes);
    const behind = (from: number): number | undefined => {
      const address = this.#blocks.room(bytes, from);
      return address !== undefined && this.#memory.grow(address + bytes) ? address : undefined;
    };
    const first = inMemory();
    if (first !== undefined) return first;
    for (const block of this.#idle()) if (block.holds.kind === "nothing") this.free(block);
    const found = inMemory() ?? behind(floor);
    if (found !== undefined) return found;
    for (const block of this.#idle()) {
      this.#evict(block);
      const address = inMemory() ?? behind(floor);
      if (address !== undefined) return address;
    }
    return behind(this.#frameEnd);
  }
}
