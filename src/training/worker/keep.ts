import type { BackendLostError } from "../../core/errors.ts";
import { toHost } from "../../core/to-host.ts";
import { copyState } from "../copy-state.ts";
import type { TrainHooks } from "../hooks.ts";
import type { ReformerState } from "../reformer-step.ts";
import type { TrainStart } from "../start.ts";
import type { Reopened, RunStep } from "./messages.ts";
import type { Prepared } from "./prepare.ts";

/** What a run goes on from when its device is lost, and what is to be told of that. */
export interface Keeper {
  readonly hooks: Pick<TrainHooks<ReformerState>, "save" | "reopen">;
  /** That the device was lost since this was last asked, if it was. */
  news(): Pick<RunStep, "reopened">;
}

/**
 * Keeps a run's state on the host: its beginning, and then whenever the run would save it. A worker has no folder to save to. Nothing is
 * kept where the host computes, whose memory does not go away.
 */
export async function keeper({ start, onDevice, reopen }: Prepared): Promise<Keeper> {
  if (!onDevice) return { hooks: {}, news: () => ({}) };
  let kept: TrainStart<ReformerState> = { step: start.step, state: await onHost(start.state) };
  let reopened: Reopened | undefined;
  return {
    hooks: {
      save: async (state, step) => {
        kept = { step, state: await onHost(state) };
      },
      reopen: async ({ message }: BackendLostError) => {
        const backend = await reopen();
        reopened = { reason: message, from: kept.step, backend };
        return { step: kept.step, state: copyState(kept.state) };
      },
    },
    news: () => {
      const told = reopened && { reopened };
      reopened = undefined;
      return { ...told };
    },
  };
}

/** Copied, because the next step takes over what it is given. */
const onHost = async (state: ReformerState): Promise<ReformerState> =>
  copyState(await toHost(state));
