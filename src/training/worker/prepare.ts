import { inputError, orThrow } from "../../edge/problem.ts";
import type { Backend } from "../../ir/backend.ts";
import { checkpointFromBytesOrThrow } from "../checkpoint/bytes.ts";
import { otherBits } from "../checkpoint/other-bits.ts";
import { stateOfOrThrow } from "../checkpoint/state.ts";
import { trainConfig } from "../config/configure.ts";
import { prepareData } from "../data/prepare-data.ts";
import type { PreparedData } from "../data/prepared-data.ts";
import type { TrainableModel } from "../next-token/model.ts";
import { nextTokenTask, type NextTokenTask } from "../next-token/task.ts";
import { reformerModel } from "../reformer-model.ts";
import type { ReformerState } from "../reformer-step.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import type { DeviceChoices, RunBackend, RunFacts, RunPlace, StartRequest } from "./messages.ts";

/** Starts the back end that a run computes on. */
export type StartBackend = (wanted: {
  readonly backend?: RunBackend;
  readonly device?: DeviceChoices;
  readonly threads?: number;
  readonly arithmetic: "strict" | "relaxed";
}) => Promise<Backend>;

/** Everything that a run begins with. */
export interface Prepared extends PreparedData {
  readonly model: TrainableModel<ReformerState>;
  readonly task: NextTokenTask<ReformerState>;
  readonly keys: RunKeys;
  readonly start: { readonly step: number; readonly state: ReformerState };
  readonly facts: RunFacts;
  /** Whether a device computes, which can be lost. */
  readonly onDevice: boolean;
  /** Starts the back end again, as at the beginning. */
  readonly reopen: () => Promise<RunPlace>;
}

/**
 * Reads what was asked for, and compiles the step.
 *
 * @throws InputError when configuration, checkpoint or text will not do
 */
export async function prepare(
  { config: choices, checkpoint: bytes, text, backend: wanted, device, threads }: StartRequest,
  startBackend: StartBackend,
): Promise<Prepared> {
  if (bytes && choices) {
    throw inputError({
      where: "start",
      problem: "a checkpoint has its own configuration",
      fix: "Give a configuration or a checkpoint.",
    });
  }
  const checkpoint = bytes && checkpointFromBytesOrThrow(bytes);
  const chosen = checkpoint?.config ?? trainConfig(choices);
  const { config, data, parts } = orThrow(prepareData(chosen, text));
  const { arithmetic, seed } = config.training;
  const open = () => startBackend({ backend: wanted, device, threads, arithmetic });
  const backend = await open();
  const model = reformerModel(config);
  const keys = runKeys(seed);
  const start = checkpoint
    ? { step: checkpoint.step, state: stateOfOrThrow(checkpoint, model) }
    : { step: 0, state: model.init(keys.initial) };
  const task = nextTokenTask({ model, config, data, keys });
  const planned = model.planStep?.(start.state, task.batch(0), keys.step(0));
  const warnings = checkpoint ? otherBits(checkpoint) : [];
  const facts: RunFacts = {
    config,
    parameters: model.parameterCount(start.state),
    ...(warnings.length > 0 && { warnings }),
    ...(planned && { plannedBytes: planned.peakBytes }),
    backend: placeOf(backend),
    threads: backend.threads,
  };
  const reopen = async (): Promise<RunPlace> => placeOf(await open());
  const onDevice = backend.device !== undefined;
  return { config, data, parts, model, task, keys, start, facts, onDevice, reopen };
}

const placeOf = ({ name, fallback }: Backend): RunPlace => ({
  name,
  ...(fallback && { fallback }),
});
