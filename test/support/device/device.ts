/**
 * A backend whose tensors live on a pretended device: their words lie scrambled in a worker, runs are queued and happen
 * in order some time after the call, and reads are late and counted. What reads synchronously, or counts on a run
 * being done, fails here. It computes with another backend, on the words that it fetches for each run.
 */
import { formatAvals, sameArrayType } from "../../../src/core/aval.ts";
import { wordsOf, type DType, type Words } from "../../../src/core/dtype.ts";
import { BackendError } from "../../../src/core/errors.ts";
import { Outcome } from "../../../src/core/outcome.ts";
import {
  isDeviceStorage,
  isHostStorage,
  wordsAtOnce,
  type Device,
  type DeviceStorage,
  type Storage,
} from "../../../src/core/storage.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import type { Backend, Executable, ThreadReport } from "../../../src/ir/backend.ts";
import { Lifetime } from "../../../src/ir/lifetime.ts";
import type { Program } from "../../../src/ir/program.ts";
import { DeviceMemory } from "./memory.ts";
import { PretendedStorage } from "./storage.ts";

/** How often something happened since the device was made. */
export interface Counts {
  /** Transfers to the host that somebody asked for. */
  reads: number;
  uploads: number;
  /** Tensors that came from another device. */
  moves: number;
  runs: number;
}

export class PretendedDevice implements Backend, Device {
  readonly name: string;
  readonly counts: Counts = { reads: 0, uploads: 0, moves: 0, runs: 0 };
  /** Asked before every run: what goes wrong in it. */
  fault: (where: string) => Error | undefined = () => undefined;
  readonly #inner: Backend;
  readonly #memory = new DeviceMemory();
  readonly #lifetime: Lifetime;
  /** Tensors of other places that have been brought here. */
  readonly #brought = new WeakMap<Tensor, PretendedStorage>();
  /** Done when all that was started is done; never rejects. */
  #queue: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(inner: Backend, name = "pretended") {
    this.#inner = inner;
    this.name = name;
    this.#lifetime = new Lifetime(name);
  }

  get threads(): ThreadReport {
    return this.#inner.threads;
  }

  get lost(): Backend["lost"] {
    return this.#lifetime.lost;
  }

  compile(program: Program): Executable {
    this.#lifetime.check("compile");
    const executable = this.#inner.compile(program);
    return {
      report: { ...executable.report, backend: this.name },
      run: (inputs, donated, where) => this.#run(program, executable, inputs, donated, where),
    };
  }

  async read(storages: readonly DeviceStorage[]): Promise<readonly Words[]> {
    this.counts.reads++;
    this.#lifetime.check("read");
    const own = storages.map((storage) => {
      if (storage instanceof PretendedStorage && storage.place === this) return storage;
      throw new BackendError("this storage is not of this device", { where: "read" });
    });
    return this.#inTurn(async () => {
      const words = await this.#memory.read(own.map(({ id }) => id));
      return words.map(({ buffer }, i) => wordsOf(own[i].dtype, buffer));
    });
  }

  /** Frees the buffer of a storage when what was started before is done. */
  free(storage: PretendedStorage): void {
    void this.#inTurn(async () => {
      if (storage.isFilled) this.#memory.free([storage.id]);
    });
  }

  async synchronize(): Promise<void> {
    await this.#queue;
    this.#lifetime.check("synchronize");
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  async dispose(): Promise<void> {
    const done = this.#queue;
    this.#lifetime.dispose();
    await done;
    await this.#endMemory();
  }

  /** The device goes away in the middle of whatever it does. */
  async lose(message: string): Promise<void> {
    this.#lifetime.end({ reason: "failed", message });
    await this.#endMemory();
  }

  async #endMemory(): Promise<void> {
    await this.#memory.end(this.#lifetime.error("read", await this.#lifetime.lost));
  }

  /** How many buffers the device holds when all that was started is done. */
  held(): Promise<number> {
    return this.#inTurn(() => this.#memory.held());
  }

  #run(
    program: Program,
    executable: Executable,
    inputs: readonly Tensor[],
    donated: readonly boolean[],
    where: string,
  ): readonly Tensor[] {
    this.#lifetime.check(where);
    checkInputs(program, inputs, where);
    const operands = inputs.map((tensor, i) => this.#bring(tensor, donated[i] ?? false, where));
    const fault = this.fault(where);
    this.counts.runs++;
    const outcome = new Outcome(operands.map((operand) => operand.outcome.pending));
    const avals = program.outputs.map(({ aval }) => aval);
    const results = avals.map(({ dtype }) => new PretendedStorage(this, dtype, outcome));
    const done = this.#writing(results, async () => {
      const ids = operands.map(({ id }) => id);
      if (fault) throw fault;
      const words = await this.#memory.read(ids);
      const copies = program.inputs.map(({ aval }, i) => new Tensor(aval, words[i]));
      return executable.run(copies, [], where).map((tensor) => tensor.words());
    });
    outcome.require(done);
    const given = new Set(inputs.filter((_, i) => donated[i]));
    const taken = new Set<Storage>([...given].map((tensor) => tensor.donate(where)));
    operands.filter((_, i) => donated[i]).forEach((operand) => taken.add(operand));
    for (const storage of taken) if (!isHostStorage(storage)) storage.release();
    return avals.map((aval, i) => new Tensor(aval, results[i]));
  }

  /** Where a run finds an input: what is elsewhere is brought here, once unless it is donated. */
  #bring(tensor: Tensor, isDonated: boolean, where: string): PretendedStorage {
    const { storage } = tensor;
    if (storage instanceof PretendedStorage && storage.place === this) return storage;
    const brought = this.#brought.get(tensor) ?? this.#carry(storage, tensor.dtype, where);
    if (isDonated) this.#brought.delete(tensor);
    else this.#brought.set(tensor, brought);
    return brought;
  }

  #carry(storage: Storage, dtype: DType, where: string): PretendedStorage {
    if (!isDeviceStorage(storage)) {
      this.counts.uploads++;
      const brought = new PretendedStorage(this, dtype, new Outcome());
      // At once: somebody may write to the words of a tensor that is donated afterwards.
      brought.fill(this.#memory.write(wordsAtOnce(storage, where)));
      return brought;
    }
    this.counts.moves++;
    const words = storage.place.read([storage]);
    words.catch(() => undefined);
    const outcome = new Outcome([storage.outcome.pending]);
    const brought = new PretendedStorage(this, dtype, outcome);
    outcome.require(this.#writing([brought], () => words));
    return brought;
  }

  /** Fills storages when it is their turn, or tells them why they stay empty. */
  #writing(
    storages: readonly PretendedStorage[],
    compute: () => Promise<readonly Words[]>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const words = await compute();
        storages.forEach((storage, i) => storage.fill(this.#memory.write(words[i])));
      } catch (error) {
        this.#failure ??= { error };
        for (const storage of storages) storage.fail(error);
        throw error;
      }
    });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function checkInputs(program: Program, inputs: readonly Tensor[], where: string): void {
  const expected = program.inputs.map(({ aval }) => aval);
  const got = inputs.map(({ aval }) => aval);
  const fits = got.length === expected.length;
  if (fits && got.every((aval, i) => sameArrayType(aval, expected[i]))) return;
  throw new BackendError("the inputs are not those of the compiled program", {
    where,
    expected: formatAvals(expected),
    got: formatAvals(got),
  });
}
