import { BackendError } from "../../core/errors.ts";
import type { LiveValue } from "../../plan/index.ts";

/** What an executable needs, for messages. */
export interface ArenaRequest {
  readonly bytes: number;
  readonly where: string;
  readonly largest: readonly LiveValue[];
}

/** The buffer in which all executables of a backend run, one after another. */
export class GpuArena {
  readonly #device: GPUDevice;
  #buffer: GPUBuffer | undefined;
  /** Whose constants lie in it. */
  loaded: object | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get bytes(): number {
    return this.#buffer?.size ?? 0;
  }

  /** The most that it can have. */
  get mostBytes(): number {
    return this.#device.limits.maxBufferSize;
  }

  /** @throws BackendError when the device has no such buffers */
  check({ bytes, where, largest }: ArenaRequest): void {
    const { mostBytes } = this;
    if (bytes > mostBytes) {
      const values = largest.slice(0, 5).map(({ name, bytes: size }) => `${name} ${size}`);
      throw new BackendError("the program needs more memory than a buffer of the device has", {
        where,
        expected: `at most ${mostBytes} bytes (maxBufferSize)`,
        got: `${bytes} bytes at the peak; the largest values: ${values.join(", ")}`,
        fix: "Work on smaller batches or chunks, or on a device with larger buffers.",
      });
    }
  }

  /** The buffer, of at least so many bytes; another one where the old one was too small, and then nothing is in it. */
  reserve(bytes: number): GPUBuffer {
    if (this.#buffer && this.#buffer.size >= bytes) return this.#buffer;
    // Commands that were submitted keep the old one as long as they need it.
    this.#buffer?.destroy();
    const size = Math.min(this.mostBytes, Math.ceil((bytes * growth) / 256) * 256);
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    this.loaded = undefined;
    this.#buffer = this.#device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
    return this.#buffer;
  }

  destroy(): void {
    this.#buffer?.destroy();
    this.#buffer = undefined;
    this.loaded = undefined;
  }
}

/** Room for somewhat larger programs: each new buffer makes bind groups anew. */
const growth = 1.0625;
