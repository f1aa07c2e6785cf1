/** The worker that trains. */
import { init } from "reformax";
import { serveTraining } from "reformax/training/worker";
import { threadSource } from "./thread-source.ts";

serveTraining({
  startBackend: ({ threads, arithmetic }) => init("wasm", { threads, arithmetic, threadSource }),
});
