import { beforeAll, describe } from "vitest";
import { init, type BackendName } from "../../src/index.ts";

/** Runs the same tests on the plain interpreter and on the compiled plan. */
export function describeBackends(title: string, tests: (backend: BackendName) => void): void {
  for (const backend of ["reference", "wasm"] as const) {
    describe(`${title} (${backend})`, () => {
      beforeAll(async () => {
        await init(backend);
      });
      tests(backend);
    });
  }
}
