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

/**
 * A module whose only import is the memory `env.memory`, for either kind of memory and for all sizes that a backend's
 * memory may have.
 */
export function withMemory(bytes: Uint8Array, shared: boolean): Uint8Array<ArrayBuffer> {
  const parts = [...sectionsOf(bytes)].map(({ id, begin, end }) =>
    id === importSection ? memorySection(shared) : bytes.subarray(begin, end),
  );
  const whole = new Uint8Array(headerBytes + parts.reduce((sum, part) => sum + part.length, 0));
  whole.set(bytes.subarray(0, headerBytes));
  let at = headerBytes;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The numbers of a valid module's sections. */
export const sectionIds = (bytes: Uint8Array): readonly number[] =>
  [...sectionsOf(bytes)].map(({ id }) => id);

interface Section {
  readonly id: number;
  /** Bytes of the module, from the section's number on. */
  readonly begin: number;
  readonly end: number;
}

function* sectionsOf(bytes: Uint8Array): Generator<Section> {
  const reader = new Reader(bytes, headerBytes);
  while (reader.position < bytes.length) {
    const begin = reader.position;
    const id = reader.byte();
    reader.skip(reader.number());
    yield { id, begin, end: reader.position };
  }
}

const nameBytes = (name: string): readonly number[] => [
  name.length,
  ...Array.from(name, (character) => character.charCodeAt(0)),
];

/** 65536 in LEB128. */
const mostPages = [0x80, 0x80, 0x04];

/** (import "env" "memory" (memory 0 65536)), shared or not. */
function memorySection(shared: boolean): Uint8Array {
  const limits = [shared ? 1 | sharedFlag : 1, 0, ...mostPages];
  const content = [1, ...nameBytes("env"), ...nameBytes("memory"), memoryImport, ...limits];
  return Uint8Array.from([importSection, content.length, ...content]);
}

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
