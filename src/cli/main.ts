import { reformerServices } from "./reformer-services.ts";
import { runCli } from "./run.ts";
import { watchStandardOutput } from "./standard-output.ts";

watchStandardOutput();
process.exitCode = await runCli(process.argv.slice(2), reformerServices);
