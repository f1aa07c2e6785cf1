interface Entry<T> {
  readonly value: T;
  lastUse: number;
}

/** A bounded map that forgets the entry that was used longest ago. Keys compare as whole texts. */
export class LruCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #capacity: number;
  #uses = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
  }

  getOrCreate(key: string, create: () => T): T {
    const known = this.#entries.get(key);
    if (known) {
      known.lastUse = ++this.#uses;
      return known.value;
    }
    const value = create();
    // Creating may have used the cache.
    this.#entries.set(key, { value, lastUse: ++this.#uses });
    if (this.#entries.size > this.#capacity) this.#forgetOldest();
    return value;
  }

  /** Looks at every entry: a use costs one number, and what is created costs far more than the search. */
  #forgetOldest(): void {
    let oldest: string | undefined;
    let earliest = Infinity;
    for (const [key, { lastUse }] of this.#entries) {
      if (lastUse >= earliest) continue;
      earliest = lastUse;
      oldest = key;
    }
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
