/** Ctrl-C asks for a stop after the current step; a second one stops at once. */
export interface Interrupt {
  /** Aborted once a stop was asked for. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal, as shells expect. */
  readonly exitCode: () => number;
  readonly release: () => void;
}

const codes = { SIGINT: 130, SIGTERM: 143 } as const;

export function catchInterrupt(): Interrupt {
  const controller = new AbortController();
  let received: keyof typeof codes | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const known = signal === "SIGTERM" ? "SIGTERM" : "SIGINT";
    if (received !== undefined) process.exit(codes[known]);
    received = known;
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    exitCode: () => codes[received ?? "SIGINT"],
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
