import { reformerServices } from "./reformer-services.ts";
import { runCli } from "./run.ts";

// A reader that has seen enough (`reformax generate | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await runCli(process.argv.slice(2), reformerServices);
