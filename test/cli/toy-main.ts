/** The program with the toy in the Reformer's place; see kill-at.ts for `KILL_AT`. */
import { runCli } from "../../src/cli/run.ts";
import { watchStandardOutput } from "../../src/cli/standard-output.ts";
import { killAtFault } from "./kill-at.ts";
import { toyServices } from "./toy-services.ts";

const services = toyServices(killAtFault, Number(process.env.STEP_PAUSE ?? 0));
watchStandardOutput();
process.exitCode = await runCli(process.argv.slice(2), services);
