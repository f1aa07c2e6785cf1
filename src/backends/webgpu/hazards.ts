import type { Dispatch } from "./dispatch-list.ts";

/** Bytes of the arena with one history. */
interface Stretch {
  readonly begin: number;
  /** The last place in the list that wrote them; -1 for none. */
  readonly written: number;
  /** The last one that wrote or read them. */
  readonly touched: number;
}

/** Who touched what: which place of a list a call must stay behind. */
export class Hazards {
  /** Of the whole arena, in order; each ends where the next begins. */
  readonly #stretches: Stretch[] = [{ begin: 0, written: -1, touched: -1 }];

  /** The last place that touched what a call writes, or wrote what it reads; -1 for none. */
  lastBefore({ kernel, reach }: Dispatch): number {
    let last = -1;
    for (const [k, { begin, end }] of reach.entries()) {
      const writes = kernel.operands[k].writes === true;
      for (let i = this.#find(begin); i < this.#stretches.length; i++) {
        const stretch = this.#stretches[i];
        if (stretch.begin >= end) break;
        last = Math.max(last, writes ? stretch.touched : stretch.written);
      }
    }
    return last;
  }

  /** A call at a place that {@link lastBefore} allows. */
  add({ kernel, reach }: Dispatch, place: number): void {
    for (const [k, { begin, end }] of reach.entries()) {
      if (begin >= end) continue;
      const from = this.#cut(begin);
      const to = this.#cut(end);
      if (kernel.operands[k].writes) {
        this.#stretches.splice(from, to - from, { begin, written: place, touched: place });
        continue;
      }
      for (let i = from; i < to; i++) {
        const stretch = this.#stretches[i];
        if (stretch.touched < place) this.#stretches[i] = { ...stretch, touched: place };
      }
    }
  }

  /** The number of the stretch that a byte lies in. */
  #find(at: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#stretches[middle].begin <= at) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The number of the stretch that begins there, which one does from now on. */
  #cut(at: number): number {
    const i = this.#find(at);
    const stretch = this.#stretches[i];
    if (stretch.begin === at) return i;
    this.#stretches.splice(i + 1, 0, { ...stretch, begin: at });
    return i + 1;
  }
}
