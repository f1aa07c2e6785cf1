/** Programs of the system that some tests drive. */
import { existsSync } from "node:fs";
import { describe, test } from "vitest";
import { emulator } from "../../tools/engines/arm64.mjs";

export interface SystemProgram {
  readonly name: string;
  readonly path: string;
  /** The Debian packages that bring it; .ci/run installs them. */
  readonly packages: string;
}

export const chromium: SystemProgram = {
  name: "Chromium",
  path: process.env.REFORMAX_CHROMIUM ?? "/usr/bin/chromium",
  packages: "chromium",
};

export const firefox: SystemProgram = {
  name: "Firefox",
  path: process.env.REFORMAX_FIREFOX ?? "/usr/bin/firefox-esr",
  packages: "firefox-esr",
};

/** Runs programs for ARM64. */
export const arm64Emulator: SystemProgram = {
  name: "QEMU's user mode for ARM64",
  path: emulator,
  packages: "qemu-user libc6-arm64-cross libstdc++6-arm64-cross libatomic1-arm64-cross",
};

/** Gives a command a terminal of its own. */
export const pseudoTerminal: SystemProgram = {
  name: "script of util-linux",
  path: "/usr/bin/script",
  packages: "bsdutils",
};

/**
 * Tests that need a program. Where it is missing they are skipped, loudly; in CI that is a failure, because nobody would
 * hear.
 */
export function describeWith(program: SystemProgram, title: string, tests: () => void): void {
  const missing = missingText(program, existsSync(program.path));
  if (missing === undefined) {
    describe(title, tests);
  } else if (failsWithout(process.env)) {
    test(title, () => {
      throw new Error(missing);
    });
  } else {
    console.warn(`skipped, ${title}: ${missing}`);
    describe.skip(title, tests);
  }
}

export const missingText = (
  { name, path, packages }: SystemProgram,
  isThere: boolean,
): string | undefined =>
  isThere ? undefined : `${name} is missing at ${path}: apt-get install ${packages}`;

/** Whether a missing program fails its tests: in CI, or where somebody wants to be sure. */
export const failsWithout = ({ CI, REFORMAX_REQUIRE_ENGINES }: NodeJS.ProcessEnv): boolean =>
  [CI, REFORMAX_REQUIRE_ENGINES].some((value) => value !== undefined && value !== "");
