/** Ctrl-C asks for a stop after the current step; a second one stops at once. */
export interface Interrupt {
  readonly requested: () => boolean;
  /** 128 + the number of the signal, as shells expect. */
  readonly exitCode: () => number;
  readonly release: () => void;
}

const codes = { SIGINT: 130, SIGTERM: 143 } as const;

export function catchInterrupt(): Interrupt {
  let received: keyof typeof codes | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const known = signal === "SIGTERM" ? "SIGTERM" : "SIGINT";
    if (received !== undefined) process.exit(codes[known]);
    received = known;
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    requested: () => received !== undefined,
    exitCode: () => codes[received ?? "SIGINT"],
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
