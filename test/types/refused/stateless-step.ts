import { train, trainAhead, type Task } from "../../../src/training/index.ts";

export async function ahead(task: Task<number>): Promise<void> {
  for await (const { state } of train({ task, steps: 1 })) state.toFixed();
  for await (const { state } of trainAhead({ task, steps: 1 })) String(state); // TS2339
  for await (const { metrics } of train({ task, steps: 1 })) metrics.loss.toFixed().length.at(); // TS2339
}

export const endless = (task: Task<number>) => train({ task }); // TS2769
export const nameless: Task<number> = { metrics: [], init: () => 0, batch: () => 0, step: (state) => ({ state, metrics: {} }) }; // TS2741
