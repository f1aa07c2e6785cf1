import type { Words } from "../../core/dtype.ts";
import { wordsOf } from "../../core/dtype.ts";
import type { Device, DeviceStorage } from "../../core/storage.ts";
import type { Outcome } from "../../core/outcome.ts";
import { Lifetime } from "../../ir/lifetime.ts";
import type { ProfileOptions } from "../../plan/index.ts";
import { GpuArena } from "./arena.ts";
import { GpuStorage } from "./device-storage.ts";
import { Pipelines } from "./pipelines.ts";
import { BufferPool } from "./pool.ts";
import type { RunTimes } from "./run-times.ts";
import { Schedule } from "./schedule.ts";

/** What a backend was asked for. */
export interface RuntimeOptions {
  /** Whether what rounds is guarded from compilers. */
  readonly guarded: boolean;
  /** Whether every run asks the device if all was well, not the first of each program alone. */
  readonly checks: boolean;
  readonly windowBytes?: number;
  /** Whether independent kernel calls are merged. */
  readonly merges: boolean;
  readonly spareBytes?: number;
  readonly profile?: ProfileOptions;
}

/** What the executables of one backend share: the device and everything on it. */
export class Runtime implements Device {
  readonly name = "webgpu";
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly arena: GpuArena;
  readonly pool: BufferPool;
  readonly schedule = new Schedule();
  readonly lifetime: Lifetime;
  /** Most bytes of the arena that a binding reaches. */
  readonly windowBytes: number;
  readonly checks: boolean;
  readonly merges: boolean;
  /** Most memory for iterations that run side by side, where somebody said. */
  readonly spareBytes: number | undefined;
  /** Who wants to know where time goes, if anybody. */
  readonly profile: ProfileOptions | undefined;
  /** What is on its way to the host. */
  readonly #reads = new Set<Promise<unknown>>();
  /** The failure of a run that `synchronize` has not told yet. */
  #failure: { readonly error: unknown } | undefined;

  constructor(device: GPUDevice, options: RuntimeOptions) {
    this.device = device;
    this.lifetime = new Lifetime(this.name);
    this.pipelines = new Pipelines(device, options.guarded);
    this.arena = new GpuArena(device);
    this.pool = new BufferPool(device);
    this.profile = options.profile;
    const most = Math.floor(device.limits.maxStorageBufferBindingSize / 256) * 256;
    this.checks = options.checks;
    this.merges = options.merges;
    this.spareBytes = options.spareBytes;
    this.windowBytes = Math.min(options.windowBytes ?? most, most);
    void device.lost.then(({ reason, message }) =>
      this.lifetime.end(
        reason === "destroyed"
          ? { reason: "disposed", message: "its device was destroyed" }
          : { reason: "failed", message: message || "the device was lost" },
      ),
    );
  }

  async read(storages: readonly DeviceStorage[]): Promise<readonly Words[]> {
    this.lifetime.check("read");
    const own = storages.filter((storage) => storage instanceof GpuStorage);
    const kept = own.map((storage) => storage.hold());
    let reading: Promise<readonly ArrayBuffer[]> | undefined;
    const copy = (): void => {
      reading = this.#readRanges(own.map(({ buffer, bytes }) => ({ buffer, at: 0, bytes })));
      kept.forEach((release) => release());
    };
    await this.schedule.add(copy);
    const read = (await reading) ?? [];
    return own.map(({ dtype }, i) => wordsOf(dtype, read[i]));
  }

  #readBack(
    bytes: number,
    encode: (encoder: GPUCommandEncoder, staging: GPUBuffer) => void,
  ): Promise<ArrayBuffer> {
    return this.#expect(this.#copyBack(bytes, encode));
  }

  /** What the end of the backend waits for. */
  #expect<T>(reading: Promise<T>): Promise<T> {
    this.#reads.add(reading);
    const forget = (): unknown => this.#reads.delete(reading);
    reading.then(forget, forget);
    return reading;
  }

  /** Tells where the time of a run went, when that is known and the run went well. */
  tell(times: RunTimes, outcome: Outcome, where: string): void {
    const { profile } = this;
    if (!profile) return;
    const known = outcome.settled().then(() => times.profile(where, this.pipelines.count, profile));
    // Why a run failed is told to its readers.
    const told = known.then(profile.onRun, () => undefined);
    this.watch(this.#expect(told));
  }

  /** Words of the arena or another buffer, when everything submitted before is done. */
  async #copyBack(
    bytes: number,
    encode: (encoder: GPUCommandEncoder, staging: GPUBuffer) => void,
  ): Promise<ArrayBuffer> {
    const { device } = this;
    const staging = device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = device.createCommandEncoder();
    encode(encoder, staging);
    device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0);
    } catch (error) {
      // Why the device is gone says more than that a mapping was cut off.
      await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 0))]);
      this.lifetime.check("read");
      throw error;
    } finally {
      staging.destroy();
    }
  }

  /** Bytes of the arena. */
  readArena(
    arena: GPUBuffer,
    ranges: readonly { readonly at: number; readonly bytes: number }[],
  ): Promise<readonly ArrayBuffer[]> {
    return this.#readRanges(ranges.map((range) => ({ ...range, buffer: arena })));
  }

  /** Bytes of buffers, by one transfer. */
  async #readRanges(
    ranges: readonly { readonly buffer: GPUBuffer; readonly at: number; readonly bytes: number }[],
  ): Promise<readonly ArrayBuffer[]> {
    const offsets: number[] = [];
    let total = 0;
    for (const { bytes } of ranges) {
      offsets.push(total);
      total += Math.ceil(bytes / 8) * 8;
    }
    const all = await this.#readBack(Math.max(8, total), (encoder, staging) =>
      ranges.forEach(({ buffer, at, bytes }, i) => {
        if (bytes > 0) encoder.copyBufferToBuffer(buffer, at, staging, offsets[i], bytes);
      }),
    );
    return ranges.map(({ bytes }, i) => all.slice(offsets[i], offsets[i] + bytes));
  }

  /** Remembers a failure for `synchronize`. */
  watch(pending: Promise<unknown>): void {
    pending.catch((error: unknown) => (this.#failure ??= { error }));
  }

  async synchronize(): Promise<void> {
    this.lifetime.check("synchronize");
    await this.schedule.settled();
    await this.device.queue.onSubmittedWorkDone();
    if (this.profile) await Promise.allSettled(this.#reads);
    this.lifetime.check("synchronize");
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  async dispose(): Promise<void> {
    await this.schedule.settled();
    await Promise.allSettled(this.#reads);
    this.lifetime.dispose();
    this.pool.clear();
    this.arena.destroy();
    this.device.destroy();
  }
}
