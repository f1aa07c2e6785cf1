import { Outcome } from "../../core/outcome.ts";
import { noteCopy } from "../../core/release.ts";
import {
  isDeviceStorage,
  readDevices,
  wordsAtOnce,
  type DeviceStorage,
  type Storage,
} from "../../core/storage.ts";
import { GpuStorage } from "./device-storage.ts";
import type { Runtime } from "./runtime.ts";

/** Elements of the host, and of other devices, on this one: as long as theirs exist, they are brought over once. */
export class Uploads {
  readonly #runtime: Runtime;
  readonly #known = new WeakMap<Storage, GpuStorage>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The elements of a storage, so many bytes, on this device. */
  storageOf(storage: Storage, bytes: number, where: string): GpuStorage {
    if (storage instanceof GpuStorage && storage.place === this.#runtime) return storage;
    const known = this.#known.get(storage);
    if (known) return known;
    const made = isDeviceStorage(storage)
      ? this.#fromDevice(storage, bytes)
      : this.#fromHost(storage, bytes, where);
    this.#known.set(storage, made);
    noteCopy(storage, this, () => {
      this.#known.delete(storage);
      made.release();
    });
    return made;
  }

  #fromHost(storage: Storage, bytes: number, where: string): GpuStorage {
    const words = wordsAtOnce(storage, where);
    const made = this.#make(bytes, new Outcome());
    if (bytes > 0) this.#runtime.device.queue.writeBuffer(made.buffer, 0, words);
    return made;
  }

  /** What uses them waits until they have been read. */
  #fromDevice(storage: DeviceStorage, bytes: number): GpuStorage {
    const { schedule, device } = this.#runtime;
    const outcome = new Outcome([storage.outcome.pending]);
    const made = this.#make(bytes, outcome);
    const release = made.hold();
    const read = readDevices([storage]);
    const pending = schedule.add(async () => {
      try {
        const [words] = await read;
        if (bytes > 0) device.queue.writeBuffer(made.buffer, 0, words);
      } finally {
        release();
      }
    });
    if (pending) outcome.require(pending);
    return made;
  }

  #make(bytes: number, outcome: Outcome): GpuStorage {
    const { pool } = this.#runtime;
    // Nobody reads it as a tensor's.
    return new GpuStorage(this.#runtime, pool, anyType, bytes, outcome);
  }
}

const anyType = "u32";
