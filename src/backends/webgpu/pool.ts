/** Buffers of a device that results live in: they go back when nobody needs them, and are handed out again. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #free = new Map<number, GPUBuffer[]>();
  /** Bytes of all buffers that exist, and of those that wait. */
  #bytes = 0;
  #freeBytes = 0;
  #mostBytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** What lies in buffers that somebody has, and the most that it was. */
  get usedBytes(): number {
    return this.#bytes - this.#freeBytes;
  }

  get mostBytes(): number {
    return this.#mostBytes;
  }

  /** What waits to be handed out again. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** A buffer of at least so many bytes; what is in it is anything. */
  take(bytes: number): GPUBuffer {
    const size = sizeClass(bytes);
    const known = this.#free.get(size)?.pop();
    if (known) this.#freeBytes -= size;
    else this.#bytes += size;
    this.#mostBytes = Math.max(this.#mostBytes, this.usedBytes);
    if (known) return known;
    this.#trim();
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    return this.#device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  }

  /** Gives a buffer back; commands that were submitted before still find what they need in it. */
  give(buffer: GPUBuffer): void {
    const list = this.#free.get(buffer.size) ?? [];
    this.#free.set(buffer.size, list);
    list.push(buffer);
    this.#freeBytes += buffer.size;
  }

  /** Destroys what waits. */
  clear(): void {
    for (const list of this.#free.values()) list.forEach((buffer) => buffer.destroy());
    this.#free.clear();
    this.#bytes -= this.#freeBytes;
    this.#freeBytes = 0;
  }

  /** What waits is never more than what is in use, small change aside: sizes come and go. */
  #trim(): void {
    if (this.#freeBytes > Math.max(smallChange, this.usedBytes)) this.clear();
  }
}

const smallChange = 64 * 2 ** 20;

/** Powers of two up to a megabyte, then steps of a sixteenth of one: at most an eighth is lost on large arrays. */
function sizeClass(bytes: number): number {
  let power = 256;
  while (power < bytes) power *= 2;
  if (power <= 2 ** 20) return power;
  const step = power / 16;
  return Math.ceil(bytes / step) * step;
}
