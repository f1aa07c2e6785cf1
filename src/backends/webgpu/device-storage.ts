import type { DType } from "../../core/dtype.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Device, DeviceStorage } from "../../core/storage.ts";
import type { BufferPool } from "./pool.ts";

/** What goes back to the pool when the last who needs it is done. */
class PooledBuffer {
  readonly buffer: GPUBuffer;
  readonly #pool: BufferPool;
  #users = 1;

  constructor(pool: BufferPool, bytes: number) {
    this.#pool = pool;
    this.buffer = pool.take(bytes);
  }

  retain(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#pool.give(this.buffer);
  }
}

/** Storages that nobody released and nobody holds any more give their buffers back when they are collected. */
const forgotten = new FinalizationRegistry<PooledBuffer>((pooled) => pooled.release());

/** Elements in a buffer of the device. */
export class GpuStorage implements DeviceStorage {
  readonly kind = "device";
  readonly place: Device;
  readonly dtype: DType;
  readonly bytes: number;
  readonly outcome: Outcome;
  readonly #pooled: PooledBuffer;

  constructor(place: Device, pool: BufferPool, dtype: DType, bytes: number, outcome: Outcome) {
    this.place = place;
    this.dtype = dtype;
    this.bytes = bytes;
    this.outcome = outcome;
    this.#pooled = new PooledBuffer(pool, bytes);
    forgotten.register(this, this.#pooled, this);
  }

  get buffer(): GPUBuffer {
    return this.#pooled.buffer;
  }

  /** Keeps the buffer until what is returned is called, whoever releases or forgets the storage. */
  hold(): () => void {
    const pooled = this.#pooled;
    pooled.retain();
    return () => pooled.release();
  }

  release(): void {
    forgotten.unregister(this);
    this.#pooled.release();
  }
}
