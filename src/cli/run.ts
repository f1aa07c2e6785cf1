import { Command, CommanderError } from "commander";
import { ReformaxError } from "../core/errors.ts";
import { version } from "../core/version.ts";
import { convertCommand } from "./commands/convert.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evalCommand } from "./commands/eval.ts";
import { exportCommand } from "./commands/export.ts";
import { generateCommand } from "./commands/generate.ts";
import { importCommand } from "./commands/import.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { profileCommand } from "./commands/profile.ts";
import { reproduceCommand } from "./commands/reproduce.ts";
import { trainCommand } from "./commands/train.ts";
import { verifyCommand } from "./commands/verify.ts";
import { exitCodes, type SetExitCode } from "./exit-codes.ts";
import { withExamples } from "./options.ts";
import type { Services } from "./services.ts";

/**
 * Runs the program on its arguments.
 *
 * @returns the exit code; every error has been printed as one message, with its stack if REFORMAX_DEBUG is 1
 */
export async function runCli(args: readonly string[], services: Services): Promise<number> {
  let code: number = exitCodes.success;
  const program = createProgram(services, (chosen) => {
    code = chosen;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    }
    console.error(describe(error));
    return exitCodes.failure;
  }
}

function createProgram(services: Services, setExitCode: SetExitCode): Command {
  const program = new Command("reformax")
    .description("Trains Reformer language models on bytes, measures them and lets them write.")
    .version(version, "--version", "print the version of reformax")
    .exitOverride()
    .showHelpAfterError("(add --help for what the command takes)")
    .configureOutput({ outputError: (text, write) => write(text) });
  const commands = [
    trainCommand(services, setExitCode),
    evalCommand(services),
    generateCommand(services),
    convertCommand(services),
    importCommand(services),
    exportCommand(services),
    verifyCommand(services, setExitCode),
    profileCommand(services),
    inspectCommand(services),
    reproduceCommand(services),
    doctorCommand(services, setExitCode),
  ];
  withExamples(
    program,
    "generate",
    "train --data book.txt --out runs/book",
    "generate --checkpoint runs/book",
    "train --help",
  );
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (process.env.REFORMAX_DEBUG === "1" && error instanceof Error) return String(error.stack);
  if (error instanceof ReformaxError) return `reformax: ${text}`;
  const name = error instanceof Error ? `${error.name}: ` : "";
  return `reformax: internal error: ${name}${text}. Set REFORMAX_DEBUG=1 to see where.`;
}
