/** The program itself, with steps that take `STEP_PAUSE` milliseconds longer; it dies where kill-at.ts says. */
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { runCli } from "../../src/cli/run.ts";
import { watchStandardOutput } from "../../src/cli/standard-output.ts";
import type { TrainConfig, TrainableModel } from "../../src/training/index.ts";
import { killAtFault } from "./kill-at.ts";
import { pause } from "./pause.ts";

function slowModel(config: TrainConfig): TrainableModel {
  const model = reformerServices.createModel(config);
  return {
    ...model,
    step: (state, batch, key) => {
      pause(Number(process.env.STEP_PAUSE ?? 0));
      return model.step(state, batch, key);
    },
  };
}

const services = { ...reformerServices, createModel: slowModel, fault: killAtFault };
watchStandardOutput();
process.exitCode = await runCli(process.argv.slice(2), services);
