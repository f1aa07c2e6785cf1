import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { instrument } from "./instrument.ts";

/**
 * Writes an example's module into a folder and runs it there, as a test file would run: the package's public names mean its
 * sources. Rejects where the example throws or prints something else than it says.
 */
export async function runExample(code: string, folder: string, name: string): Promise<void> {
  const path = join(folder, `${name}.run.ts`);
  writeFileSync(path, instrument(code, resolve("test/docs/check.ts")));
  await import(path);
}
