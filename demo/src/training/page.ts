/** The page's own thread as what trains: loaded only where the visitor wants that. */
import { serveTraining, type StartBackend } from "reformax/training/worker";
import { startBackend } from "./start-backend.ts";

let last: Awaited<ReturnType<StartBackend>> | undefined;

/** The memory of the run before is gone before the next one begins, as with a worker. */
const startAnother: StartBackend = async (wanted) => {
  await last?.dispose();
  last = await startBackend(wanted);
  return last;
};

export const serveInPage = (port: MessagePort): void =>
  serveTraining({ startBackend: startAnother, port });
