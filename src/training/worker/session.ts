import { toHost } from "../../core/to-host.ts";
import { checkpointToBytes } from "../checkpoint/bytes.ts";
import { checkpointOf } from "../checkpoint/state.ts";
import { generate } from "../../generation/generate.ts";

import type { TrainStep } from "../options.ts";
import { parameterHash } from "../parameter-hash.ts";
import type { ReformerState } from "../reformer-step.ts";
import { runKeys, uniformOf } from "../run-keys.ts";
import { train } from "../train.ts";
import { hashingReporter, type HashingReport } from "./hashing-report.ts";
import type { GenerateRequest, RunEnd, RunFacts, RunStep, StartRequest } from "./messages.ts";
import { keeper } from "./keep.ts";
import { prepare, type Prepared, type StartBackend } from "./prepare.ts";
import { Gate, Turns } from "./turns.ts";

/** A run inside of the worker: it goes on by itself, and is asked between its steps. */
export interface Session {
  readonly facts: RunFacts;
  /** Trains to the end. */
  run(onStep: (step: RunStep) => void): Promise<RunEnd>;
  pause(): void;
  resume(): void;
  stop(): void;
  generate(request: GenerateRequest): Promise<Uint8Array>;
  inspect(tokens: Uint8Array): Promise<HashingReport>;
  checkpoint(): Promise<Uint8Array>;
}

/**
 * Prepares a run.
 *
 * @throws InputError when configuration, checkpoint or text will not do
 */
export async function openSession(
  request: StartRequest,
  startBackend: StartBackend,
): Promise<Session> {
  const prepared = await prepare(request, startBackend);
  const { config, task, keys, start, facts } = prepared;
  const { schedule, validateEvery, checkpointEvery } = config.training;
  const { steps = schedule.horizon, hashAt = [] } = request;
  const signal = { aborted: false };
  const kept = await keeper(prepared);
  const { hooks } = kept;
  const run = train({ task, start, steps, signal, hooks, validateEvery, checkpointEvery });
  const turns = new Turns();
  const gate = new Gate();
  const inspect = hashingReporter(config.model);
  /** Changes in turns only. */
  let { step, state } = start;

  const next = async (): Promise<IteratorResult<RunStep, RunEnd>> => {
    const { done, value } = await run.next();
    ({ step, state } = value);
    return done === true
      ? { done, value: { step, interrupted: value.interrupted } }
      : { value: { ...(await stepOf(value, hashAt)), ...kept.news() } };
  };

  return {
    facts,
    run: async (onStep) => {
      for (;;) {
        await gate.pass();
        const { done, value } = await turns.take(next);
        if (done === true) return value;
        onStep(value);
      }
    },
    pause: () => gate.close(),
    resume: () => gate.open(),
    stop: () => {
      signal.aborted = true;
      gate.open();
    },
    generate: (wanted) => turns.take(() => write(prepared, state, wanted)),
    inspect: (tokens) => turns.take(() => inspect(state.params, tokens, keys.evaluation)),
    checkpoint: () =>
      turns.take(async () =>
        checkpointToBytes(checkpointOf({ config, step, state: await toHost(state), keys })),
      ),
  };
}

const stepOf = async (
  { step, metrics, validation, state }: TrainStep<ReformerState>,
  hashAt: readonly number[],
): Promise<RunStep> => ({
  step,
  metrics,
  ...(validation && { validation }),
  ...(hashAt.includes(step) && { parameterHash: parameterHash(await toHost(state.params)) }),
});

async function write(
  { config, model, keys }: Prepared,
  state: ReformerState,
  { prompt, count, seed, context = config.training.length, ...sampling }: GenerateRequest,
): Promise<Uint8Array> {
  const written: number[] = [];
  const bytes = generate(model, state, prompt, count, {
    ...sampling,
    context,
    key: keys.evaluation,
    uniform: uniformOf(runKeys(seed)),
  });
  for await (const byte of bytes) written.push(byte);
  return Uint8Array.from(written);
}
