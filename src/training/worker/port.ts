/**
 * What messages come and go through, as far as it is needed here: a `Worker` in a page, the global scope inside of it, or
 * one end of a `MessageChannel`.
 */
export interface MessageEnd {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  /** Ports hold messages back until they are started. */
  start?(): void;
}

/** A worker as the page that made it sees it. */
export interface WorkerEnd extends MessageEnd {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "error" | "messageerror",
    listener: (event: { readonly message?: string }) => void,
  ): void;
}
