import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import * as E from "fp-ts/lib/Either.js";
import { synchronize } from "../../backend-lifetime.ts";
import { tensorFrom } from "../../core/tensor.ts";
import { withFile } from "../../edge/node/file-errors.ts";
import { orThrow } from "../../edge/problem.ts";
import type { DeviceLimits } from "../../ir/backend.ts";
import type { RunProfile } from "../../plan/index.ts";
import { resolveConfig, type ConfigSources, type TrainConfig } from "../../training/index.ts";
import {
  arithmeticOption,
  backendOption,
  productsOption,
  threadsOption,
  timedBackends,
  wholeNumber,
  withExamples,
} from "../options.ts";
import { chromeTrace } from "../profile/trace.ts";
import { formatProfile, profileRows } from "../profile/rows.ts";
import { runMilliseconds, summary, type Measured } from "../profile/summary.ts";
import { readConfigFile } from "../read-config.ts";
import type { BackendFlags, Services } from "../services.ts";

interface Flags extends BackendFlags {
  readonly preset?: string;
  readonly config?: string;
  readonly steps: number;
  readonly top: number;
  readonly trace?: string;
  readonly events: number;
}

/** `reformax profile`. */
export const profileCommand = (services: Services): Command => {
  const presets = Object.keys(services.presets).join(", ");
  const command = new Command("profile")
    .description("Show where the time of a training step goes, by kernel and by name.")
    .option("--preset <name>", `configuration to start from: ${presets}`)
    .option("--config <file>", "JSON laid over the preset")
    .addOption(
      new Option("--steps <n>", "steps to measure, after one to warm up")
        .argParser(wholeNumber(1))
        .default(3),
    )
    .addOption(new Option("--top <n>", "rows to show").argParser(wholeNumber(1)).default(30))
    .option("--trace <file>", "write a trace for chrome://tracing or ui.perfetto.dev")
    .addOption(
      new Option("--events <n>", "events of a step to keep in the trace")
        .argParser(wholeNumber(1, 1_000_000))
        .default(100_000),
    )
    .addOption(backendOption(timedBackends))
    .addOption(threadsOption())
    .addOption(arithmeticOption())
    .addOption(productsOption())
    .action((flags: Flags) => profile(flags, services));
  return withExamples(
    command,
    `profile --preset ${services.defaultPreset}`,
    `profile --preset ${services.defaultPreset} --steps 1 --trace step.json`,
    `profile --preset ${services.defaultPreset} --backend webgpu`,
  );
};

async function profile(flags: Flags, services: Services): Promise<void> {
  const configFor = (device?: DeviceLimits): TrainConfig =>
    orThrow(
      E.chain((file: ConfigSources["file"]) =>
        resolveConfig({
          device,
          presets: services.presets,
          defaultPreset: services.defaultPreset,
          preset: flags.preset,
          file,
          flags: {},
        }),
      )(flags.config === undefined ? E.right({}) : readConfigFile(flags.config)),
    );
  const written = configFor();
  const runs: RunProfile[] = [];
  const onRun = (run: RunProfile): unknown => runs.push(run);
  const events = flags.trace === undefined ? 0 : flags.events;
  const { backend, threads, arithmetic = written.training.arithmetic, products } = flags;
  const { device } = await services.startBackend(
    { backend, threads, arithmetic, products },
    { onRun, events },
  );
  const config = device ? configFor(device) : written;
  const wallMilliseconds = await runSteps(config, services, flags.steps, () => {
    runs.length = 0;
  });
  report({ runs, steps: flags.steps, wallMilliseconds }, flags);
}

/**
 * Trains on random tokens: time does not depend on what is learnt.
 * @returns milliseconds of the steps behind the first
 */
async function runSteps(
  config: TrainConfig,
  services: Services,
  steps: number,
  warmedUp: () => void,
): Promise<number> {
  const model = services.createModel(config);
  const keys = services.runKeys(config.training.seed);
  const { batch, length } = config.training;
  let state = model.init(keys.initial);
  let began = performance.now();
  for (let step = 0; step <= steps; step++) {
    const words = keys.words(step, batch * (length + 1));
    const tokens = Int32Array.from(words, (word) => word % model.vocabulary);
    state = model.step(
      state,
      tensorFrom("i32", [batch, length + 1], tokens),
      keys.step(step),
    ).state;
    await synchronize();
    if (step > 0) continue;
    warmedUp();
    began = performance.now();
  }
  return performance.now() - began;
}

function report(measured: Measured, { steps, top, trace }: Flags): void {
  const { runs: all } = measured;
  const milliseconds = runMilliseconds(all);
  console.log(summary(measured));
  const options = { runs: steps, milliseconds, most: top };
  console.log(`\nBy kernel\n${formatProfile(profileRows(all, "kernel"), options)}`);
  console.log(`\nBy name\n${formatProfile(profileRows(all, "name"), options)}`);
  if (trace === undefined) return;
  withFile(trace, "write the trace", () => {
    writeFileSync(trace, JSON.stringify(chromeTrace(all)));
  });
  console.log(`\ntrace of ${all.length} runs in ${trace}`);
}
