/** transformers in a Python, which a test exchanges models with: `tools/oracle/huggingface/install.sh` brings it. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "build/oracle-hf");

/** Made by the installation when all of it works. */
const isInstalled = existsSync(join(folder, "complete"));

/** Tests that need transformers. Where it is missing they are skipped, loudly; in CI too, which may be without a net. */
export function describeWithTransformers(title: string, tests: () => void): void {
  if (isInstalled) {
    describe(title, tests);
    return;
  }
  console.warn(
    `skipped, ${title}: transformers is missing in build/oracle-hf: ` +
      "as root, tools/oracle/huggingface/install.sh brings it",
  );
  describe.skip(title, tests);
}

/** What a script of tools/oracle/huggingface prints. */
export const runOracle = (script: string, ...args: readonly string[]): string =>
  execFileSync(
    join(folder, "bin/python"),
    [join(root, "tools/oracle/huggingface", script), ...args],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
