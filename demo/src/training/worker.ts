/** The worker that trains. */
import { serveTraining } from "reformax/training/worker";
import { startBackend } from "./start-backend.ts";

serveTraining({ startBackend });
