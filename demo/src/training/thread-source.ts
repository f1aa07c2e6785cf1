import { webThreads } from "reformax/backends/wasm";

/** Threads from a file of this page, as its policy allows no others; none where memory cannot be shared. */
export const threadSource = crossOriginIsolated
  ? webThreads({
      create: () => new Worker(new URL("./thread.ts", import.meta.url), { type: "module" }),
    })
  : undefined;
