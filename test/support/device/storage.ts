import type { DType } from "../../../src/core/dtype.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import type { DeviceStorage } from "../../../src/core/storage.ts";
import type { PretendedDevice } from "./device.ts";

/** Elements on a pretended device: a buffer by number once its turn has come, or why there is none. */
export class PretendedStorage implements DeviceStorage {
  readonly kind = "device";
  readonly place: PretendedDevice;
  readonly dtype: DType;
  readonly outcome: Outcome;
  #users = 1;
  #content: { readonly id: number } | { readonly failure: unknown } | undefined;

  constructor(place: PretendedDevice, dtype: DType, outcome: Outcome) {
    this.place = place;
    this.dtype = dtype;
    this.outcome = outcome;
  }

  fill(id: number): void {
    this.#content = { id };
  }

  fail(failure: unknown): void {
    this.#content = { failure };
  }

  get isFilled(): boolean {
    return this.#content !== undefined && "id" in this.#content;
  }

  /** @throws what went wrong when it was to be written */
  get id(): number {
    if (!this.#content) throw new Error("read before its turn");
    if ("failure" in this.#content) throw this.#content.failure;
    return this.#content.id;
  }

  hold(): () => void {
    this.#users += 1;
    return () => this.release();
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.place.free(this);
  }
}
