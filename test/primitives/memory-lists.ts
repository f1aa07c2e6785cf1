/** Lists that hold memory and no text yet, word by word. */
export interface MemoryLists {
  /** i32[units, room + memory, 4] and i32[units, 3, lists] */
  readonly links: readonly number[];
  readonly ends: readonly number[];
}

/** `listOf` says which list row `m` of memory is in. */
export function memoryLists(
  { units, room, memory, lists }: Readonly<Record<"units" | "room" | "memory" | "lists", number>>,
  listOf: (unit: number, m: number) => number,
): MemoryLists {
  const rows = room + memory;
  const links = new Array<number>(units * rows * 4).fill(0);
  const ends = Array.from({ length: units * 3 * lists }, (_, i): number =>
    Math.floor(i / lists) % 3 === 0 ? 0 : -1,
  );
  for (let unit = 0; unit < units; unit++) {
    const at = (row: number): number => (unit * rows + row) * 4;
    const [start, head, tail] = [0, 1, 2].map((row) => (unit * 3 + row) * lists);
    for (let m = 0; m < memory; m++) {
      const [row, list] = [room + m, listOf(unit, m)];
      const last = ends[tail + list];
      links.splice(at(row), 4, list, last < 0 ? 0 : links[at(last) + 1] + 1, last, -1);
      if (last < 0) ends[head + list] = row;
      else links[at(last) + 3] = row;
      ends[tail + list] = row;
      for (let higher = list + 1; higher < lists; higher++) ends[start + higher]++;
    }
  }
  return { links, ends };
}
