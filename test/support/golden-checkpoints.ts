import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../golden/checkpoints", import.meta.url));

const inFolder = (name: string): string => join(folder, name);

/** Checkpoints of past formats, and the run that they belong to; the README beside them says how they came about. */
export const golden = {
  config: inFolder("config.json"),
  data: inFolder("data.ids"),
  /** What the run gives, as the version with format 1 computed it. */
  expected: JSON.parse(readFileSync(inFolder("expected.json"), "utf8")) as {
    /** `eval` after step 3. */
    readonly evaluation: string;
    /** Hash of the parameters after step 6. */
    readonly parameters: string;
  },
  /** The run's folder as a format has it. */
  run: (format: number): string => inFolder(`format-${format}`),
  checkpoint: (format: number): string => inFolder(`format-${format}/step-00000003`),
  /** Complete, in one file: since format 2. */
  file: (format: number): string => inFolder(`format-${format}/run.safetensors`),
  parameters: (format: number, dtype: "bf16" | "f16"): string =>
    inFolder(`format-${format}/parameters.${dtype}.safetensors`),
} as const;

export const hasFormat = (format: number): boolean => existsSync(golden.checkpoint(format));
