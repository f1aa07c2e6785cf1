import { init } from "reformax";
import { serveTraining } from "reformax/training/worker";

serveTraining({ startBackend: ({ backend }) => init(backend) });
