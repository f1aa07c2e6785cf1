import { checkKinds, checkRecord, checkSomeOf, type KindsOf } from "../../core/arguments.ts";
import { listOf, orAbsent, type Kind } from "../../core/kinds.ts";
import { errorFrom } from "./errors.ts";
import type { HashingReport } from "./hashing-report.ts";
import type {
  GenerateRequest,
  RunEnd,
  RunFacts,
  RunMessage,
  RunStep,
  StartRequest,
} from "./messages.ts";
import type { WorkerEnd } from "./port.ts";
import { StepQueue } from "./step-queue.ts";
import { WorkerCalls } from "./calls.ts";

/** A text in UTF-8, or its bytes. */
type Text = string | Uint8Array;

/**
 * A run in a worker. Its steps are read once, with `for await`: they wait for their reader, and the run does not. Whoever
 * leaves that loop stops the run.
 */
export interface RemoteRun {
  /** Written out, because `AsyncIterable` tells less in the library of earlier compilers. */
  [Symbol.asyncIterator](): AsyncIterator<RunStep, RunEnd, void>;
  readonly facts: RunFacts;
  /** Holds the run after the step that it is at. Questions are answered all the same. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run after the step that it is at; its parameters can still be asked about. Null where it broke. */
  stop(): Promise<RunEnd | null>;
  /** What the model writes with its parameters of the moment. The run waits meanwhile. */
  generate(
    request: Omit<GenerateRequest, "prompt"> & { readonly prompt: Text },
  ): Promise<Uint8Array>;
  /** How the lsh layers hash the bytes of a text with the parameters of the moment. */
  inspect(text: Text): Promise<HashingReport>;
  /** The run as it is, as the bytes of a checkpoint file: for `start`, {@link checkpointFromBytes} or the program. */
  checkpoint(): Promise<Uint8Array>;
}

/** A worker that trains. */
export interface TrainingConnection {
  /**
   * Starts a run.
   *
   * @throws InputError with every problem of the configuration or the text; ReformaxError while another run goes on;
   * BackendError when the worker cannot compute
   */
  start(request: Omit<StartRequest, "text"> & { readonly text: Text }): Promise<RemoteRun>;
}

export const endKinds = { postMessage: "function", addEventListener: "function" } as const;

const textKind: Kind = {
  expected: "a text, or its bytes",
  is: (x) => typeof x === "string" || x instanceof Uint8Array,
};

type Request = Parameters<TrainingConnection["start"]>[0];

const startKinds: KindsOf<Request> = {
  text: textKind,
  config: orAbsent("object"),
  checkpoint: orAbsent("bytes"),
  backend: orAbsent(["wasm", "webgpu", "reference", "auto"]),
  device: orAbsent("object"),
  threads: orAbsent("size"),
  steps: orAbsent("count"),
  hashAt: orAbsent(listOf("count")),
};

/**
 * The page's side of a worker whose file calls {@link serveTraining}. Errors arrive as what they were, of the library's
 * classes and with their messages.
 *
 * @example
 * import { init } from "reformax";
 * import { connectTraining, serveTraining } from "reformax/training/worker";
 * // In a page: new Worker(new URL("./training-worker.js", import.meta.url), { type: "module" })
 * const { port1: worker, port2: port } = new MessageChannel();
 * serveTraining({ startBackend: ({ threads }) => init("wasm", { threads }), port });
 * const run = await connectTraining(worker).start({
 *   config: { preset: "bytes-small", training: { batch: 1, length: 64 } },
 *   text: "to be or not to be ".repeat(50),
 *   steps: 3,
 * });
 * const steps: number[] = [];
 * for await (const { step } of run) steps.push(step);
 * console.log(steps); // => [ 1, 2, 3 ]
 * worker.close();
 */
export function connectTraining(worker: WorkerEnd): TrainingConnection {
  checkSomeOf(worker, endKinds, "worker", "connectTraining");
  const queues = new Map<number, StepQueue>();
  const receive = (message: RunMessage): void => {
    const queue = queues.get(message.run);
    switch (message.kind) {
      case "step":
        return queue?.push(message.step);
      case "end":
        queues.delete(message.run);
        return queue?.finish(message.end);
      case "broken":
        queues.delete(message.run);
        return queue?.fail(errorFrom(message.error));
      default:
        message satisfies never;
    }
  };
  const calls = new WorkerCalls(worker, receive, (error) => {
    for (const queue of queues.values()) queue.fail(error);
  });
  return {
    start: async (request) => {
      checkRecord(request, startKinds, "request", "start");
      const { text, ...rest } = request;
      const { id, reply } = calls.send("start", { ...rest, text: bytesOf(text) });
      const queue = new StepQueue();
      queues.set(id, queue);
      try {
        return remoteRun(calls, await reply, queue);
      } catch (error) {
        queues.delete(id);
        throw error;
      }
    },
  };
}

function remoteRun(calls: WorkerCalls, facts: RunFacts, queue: StepQueue): RemoteRun {
  const stop = (): Promise<RunEnd | null> => calls.send("stop", null).reply;
  return {
    facts,
    pause: async () => void (await calls.send("pause", null).reply),
    resume: async () => void (await calls.send("resume", null).reply),
    stop,
    generate: async (request) => {
      checkSomeOf(request, { prompt: textKind, count: "count" }, "request", "generate");
      const { prompt, ...rest } = request;
      return calls.send("generate", { ...rest, prompt: bytesOf(prompt) }).reply;
    },
    inspect: async (text) => {
      checkKinds({ text: [text, textKind] }, "inspect");
      return calls.send("inspect", bytesOf(text)).reply;
    },
    checkpoint: () => calls.send("checkpoint", null).reply,
    async *[Symbol.asyncIterator]() {
      try {
        return yield* queue.read();
      } finally {
        if (!queue.isOver) await stop();
      }
    },
  };
}

const bytesOf = (text: Text): Uint8Array =>
  typeof text === "string" ? new TextEncoder().encode(text) : text;
