import type {
  ProfileOptions,
  RunProfile,
  StepEvent,
  StepInfo,
  StepTime,
} from "../../plan/index.ts";

/** Begin and end of a pass. */
const stampsPerPass = 2;
const bytesPerStamp = 8;
const nanoseconds = 1e-6;

/** Passes that are handed over together, and their times. */
interface Batch {
  readonly steps: readonly StepInfo[];
  /** Begin and end of each, in nanoseconds of the device's clock; none where it does not tell. */
  readonly stamps: Promise<BigUint64Array>;
}

/** A step's name where the plan has none: what chooses between branches. */
const unnamed: StepInfo = {
  operation: "choice",
  within: "",
  name: "choice",
  flops: 0,
  bytes: 0,
  results: "",
};

/**
 * The times of one run: every dispatch has a pass of its own, whose begin and end the device writes down. Without the feature
 * `timestamp-query` dispatches are only counted.
 */
export class RunTimes {
  readonly #device: GPUDevice;
  readonly #isTimed: boolean;
  readonly #batches: Batch[] = [];
  #open: StepInfo[] = [];
  #querySet: GPUQuerySet | undefined;
  #begin: number | undefined;
  #encodeMilliseconds = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#isTimed = device.features.has("timestamp-query");
  }

  /** Encodes and hands over so many passes at most, whose times are then read back. */
  submit(most: number, encode: (encoder: GPUCommandEncoder) => void): void {
    const started = performance.now();
    this.#begin ??= started;
    this.#open = [];
    const encoder = this.#device.createCommandEncoder();
    if (this.#isTimed) {
      this.#querySet ??= this.#device.createQuerySet({
        type: "timestamp",
        count: stampsPerPass * most,
      });
    }
    encode(encoder);
    const read = this.#resolve(encoder);
    this.#device.queue.submit([encoder.finish()]);
    this.#encodeMilliseconds += performance.now() - started;
    const stamps = read();
    // Where the device is lost nobody is told.
    stamps.catch(() => undefined);
    this.#batches.push({ steps: this.#open, stamps });
  }

  /** How the next pass, which is one dispatch, begins. */
  pass(info: StepInfo | undefined): GPUComputePassDescriptor {
    const at = stampsPerPass * this.#open.length;
    this.#open.push(info ?? unnamed);
    const querySet = this.#querySet;
    if (!querySet) return {};
    return {
      timestampWrites: { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
    };
  }

  /** Copies the times of the passes to where the host reads them, once what is returned is called. */
  #resolve(encoder: GPUCommandEncoder): () => Promise<BigUint64Array> {
    const querySet = this.#querySet;
    const count = stampsPerPass * this.#open.length;
    if (!querySet || count === 0) return () => Promise.resolve(new BigUint64Array(0));
    const size = count * bytesPerStamp;
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const resolved = this.#device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const staging = this.#device.createBuffer({ size, usage: MAP_READ | COPY_DST });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    return async () => {
      try {
        await staging.mapAsync(GPUMapMode.READ);
        return new BigUint64Array(staging.getMappedRange().slice(0));
      } finally {
        resolved.destroy();
        staging.destroy();
      }
    };
  }

  /** What the run tells when its times have come back. */
  async profile(
    where: string,
    pipelines: number,
    { events: most = 0 }: ProfileOptions,
  ): Promise<RunProfile> {
    const stamps = await Promise.all(this.#batches.map((batch) => batch.stamps));
    this.#querySet?.destroy();
    const first = stamps.flatMap((each) => [...each.subarray(0, 1)]).at(0) ?? 0n;
    const begin = this.#begin ?? performance.now();
    const timeOf = (stamp: bigint): number => begin + Number(stamp - first) * nanoseconds;
    const executions = this.#batches.flatMap(({ steps }, i) =>
      steps.map((step, pass): StepEvent => {
        const at = stampsPerPass * pass;
        const [from = first, to = from] = stamps[i].subarray(at, at + stampsPerPass);
        return { step, begin: timeOf(from), end: timeOf(to < from ? from : to) };
      }),
    );
    const kept = this.#isTimed ? Math.min(most, executions.length) : 0;
    return {
      where,
      threads: 1,
      shares: [],
      begin,
      end: executions.reduce((end, event) => Math.max(end, event.end), begin),
      copyMilliseconds: 0,
      steps: stepTimes(executions),
      events: executions.slice(0, kept),
      missedEvents: executions.length - kept,
      device: {
        dispatches: executions.length,
        pipelines,
        encodeMilliseconds: this.#encodeMilliseconds,
        isTimed: this.#isTimed,
      },
    };
  }
}

/** The executions of each step together, in the order of their first ones. */
function stepTimes(executions: readonly StepEvent[]): readonly StepTime[] {
  const times = new Map<StepInfo, StepTime>();
  for (const [start, { step, begin, end }] of executions.entries()) {
    const before = times.get(step) ?? { step, start, calls: 0, milliseconds: 0 };
    const milliseconds = before.milliseconds + end - begin;
    times.set(step, { ...before, calls: before.calls + 1, milliseconds });
  }
  return [...times.values()];
}
