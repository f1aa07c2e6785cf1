import { Command } from "commander";
import { verifyFolder } from "../../verify/node/index.ts";
import { formatVerdict } from "../../verify/index.ts";
import { backendOption, withExamples, threadsOption } from "../options.ts";
import { exitCodes, type SetExitCode } from "../exit-codes.ts";
import type { BackendFlags, Services } from "../services.ts";

/** `reformax verify`. */
export const verifyCommand = (services: Services, setExitCode: SetExitCode): Command => {
  const command = new Command("verify")
    .description(
      "Compare with the numbers of other people's Reformers: every case below a folder, one line each.",
    )
    .argument("<folder>", "cases: folders with io.json, io.safetensors and the model's files")
    .addOption(backendOption())
    .addOption(threadsOption())
    .action(async (folder: string, flags: BackendFlags) => {
      await services.startBackend(flags);
      for await (const verdict of verifyFolder(folder, services.runners)) {
        console.log(formatVerdict(verdict));
        if (verdict.outcome === "fail") setExitCode(exitCodes.failure);
      }
    });
  return withExamples(command, "verify fixtures/hf", "verify fixtures --backend reference");
};
