/** What the kernels of a training step take, by the device's own clock: each dispatch in a pass of its own. */
import type { RunProfile } from "../../../src/plan/index.ts";
import { perSecond, profileRows, type ProfileRow } from "../../../src/cli/profile/rows.ts";
import type { TrainConfig } from "../../../src/training/index.ts";
import { openBackend } from "../open.ts";
import { rounded } from "../suite.ts";
import { lossOf, startRun } from "../training.ts";

/** So many operations by name; the table of kernels is whole. */
const mostNames = 40;

/** Of the second step on a backend of its own: the first one compiles. */
export async function whereTimeGoes(config: TrainConfig): Promise<unknown> {
  const runs: RunProfile[] = [];
  const backend = await openBackend({ profile: { onRun: (run) => runs.push(run) } });
  const run = startRun(config, backend);
  await lossOf(run.step());
  await lossOf(run.step());
  await backend.synchronize();
  await backend.dispose();
  const last = runs.filter(({ where }) => where === "trainStep").at(-1);
  if (!last) throw new Error("no step has told where its time went");
  return {
    device: last.device,
    milliseconds: rounded(last.end - last.begin),
    busyMilliseconds: rounded(last.steps.reduce((sum, step) => sum + step.milliseconds, 0)),
    kernels: profileRows([last], "kernel").map(readable),
    operations: profileRows([last], "name").slice(0, mostNames).map(readable),
  };
}

const readable = ({ name, kernel, calls, milliseconds, flops, bytes }: ProfileRow) => ({
  ...(name !== "" && { name }),
  kernel,
  calls,
  milliseconds: rounded(milliseconds),
  "GFLOP/s": rounded(perSecond(flops, milliseconds)),
  "GB/s": rounded(perSecond(bytes, milliseconds)),
});
