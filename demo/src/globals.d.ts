/// <reference types="vite/client" />

/** Computed by Node when the page was built: see tools/node-hash.mjs. */
declare const __NODE__: {
  readonly steps: number;
  /** SHA-256 of the parameters, in hexadecimal. */
  readonly hash: string;
  readonly version: string;
};
