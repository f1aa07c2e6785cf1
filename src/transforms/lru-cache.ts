/** In a ring that goes from the entry that was used last to the one that was used longest ago; alone at first. */
class Entry<T> {
  readonly key: string;
  readonly value: T;
  newer: Entry<T> = this;
  older: Entry<T> = this;

  constructor(key: string, value: T) {
    this.key = key;
    this.value = value;
  }
}

/**
 * A bounded map that forgets the entry that was used longest ago. Keys compare as whole texts. A use and forgetting move two
 * entries of a ring: neither costs more the more entries there are.
 */
export class LruCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #capacity: number;
  #newest: Entry<T> | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
    this.#newest = undefined;
  }

  getOrCreate(key: string, create: () => T): T {
    const known = this.#entries.get(key);
    if (known) {
      this.#use(known);
      return known.value;
    }
    const value = create();
    // Creating may have used the cache, and come to the same key.
    this.#forget(this.#entries.get(key));
    const entry = new Entry(key, value);
    this.#entries.set(key, entry);
    this.#putFirst(entry);
    if (this.#entries.size > this.#capacity) this.#forget(this.#newest?.newer);
    return value;
  }

  #use(entry: Entry<T>): void {
    if (entry === this.#newest) return;
    unlink(entry);
    this.#putFirst(entry);
  }

  /** Before the newest in the ring is the oldest. */
  #putFirst(entry: Entry<T>): void {
    const newest = this.#newest;
    if (newest) {
      entry.older = newest;
      entry.newer = newest.newer;
      newest.newer.older = entry;
      newest.newer = entry;
    }
    this.#newest = entry;
  }

  #forget(entry: Entry<T> | undefined): void {
    if (!entry) return;
    this.#entries.delete(entry.key);
    unlink(entry);
    if (entry === this.#newest) this.#newest = entry.older === entry ? undefined : entry.older;
  }
}

function unlink<T>({ newer, older }: Entry<T>): void {
  newer.older = older;
  older.newer = newer;
}
