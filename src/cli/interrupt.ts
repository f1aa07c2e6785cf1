import { onOutputEnd } from "./standard-output.ts";

/** Why a run is asked to stop. */
export interface StopCause {
  /** What happened, where the reader has not done it himself. */
  readonly message?: string;
  readonly exitCode: number;
}

/**
 * Ctrl-C, SIGTERM, a hang-up and a standard output that takes no more ask for a stop after the current step; a second
 * Ctrl-C or SIGTERM stops at once.
 */
export interface Interrupt {
  /** Aborted once a stop was asked for. */
  readonly signal: AbortSignal;
  readonly cause: () => StopCause | undefined;
  readonly release: () => void;
}

/** 128 + the number of the signal, as shells expect. */
const signals = {
  SIGINT: { exitCode: 130 },
  SIGTERM: { exitCode: 143 },
  SIGHUP: { exitCode: 129, message: "hung up (SIGHUP)" },
} as const;

type SignalName = keyof typeof signals;
const names = Object.keys(signals) as readonly SignalName[];

export function catchInterrupt(): Interrupt {
  const controller = new AbortController();
  let cause: StopCause | undefined;
  let asked = false;
  const stop = (why: StopCause): void => {
    cause ??= why;
    controller.abort();
  };
  const listeners = names.map((name) => {
    const listen = (): void => {
      // A hang-up comes beside other signals and more than once, from the shell and from the system: it asks for no hurry.
      if (name !== "SIGHUP") {
        if (asked) process.exit(signals[name].exitCode);
        asked = true;
      }
      stop(signals[name]);
    };
    process.on(name, listen);
    return () => process.off(name, listen);
  });
  const releaseOutput = onOutputEnd(stop);
  return {
    signal: controller.signal,
    cause: () => cause,
    release: () => {
      releaseOutput();
      for (const release of listeners) release();
    },
  };
}
