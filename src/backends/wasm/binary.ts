/**
 * The kernels as a module for ordinary memory. They are built once, for shared memory; the only
 * difference is a bit of the memory's import, because atomic operations work on both.
 */
export function forOrdinaryMemory(shared: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = shared.slice();
  bytes[memoryFlags(bytes)] &= ~sharedFlag;
  return bytes;
}

const sharedFlag = 2;
const importSection = 2;
const memoryImport = 2;
const headerBytes = 8;

/** Where the flags of the imported memory's limits are. */
function memoryFlags(bytes: Uint8Array): number {
  const reader = new Reader(bytes, headerBytes);
  while (reader.byte() !== importSection) reader.skip(reader.number());
  reader.number();
  for (let count = reader.number(); count > 0; count--) {
    reader.skip(reader.number());
    reader.skip(reader.number());
    if (reader.byte() === memoryImport) return reader.position;
    // A function: its type.
    reader.number();
  }
  throw new Error("the kernels import no memory");
}

class Reader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  byte(): number {
    return this.#bytes[this.position++];
  }

  /** LEB128, unsigned, below 2^31. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  skip(bytes: number): void {
    this.position += bytes;
  }
}
