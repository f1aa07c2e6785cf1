import { BackendError } from "../core/errors.ts";
import { inputError } from "../edge/problem.ts";
import type { JsonObject } from "../edge/json.ts";
import { init } from "../init.ts";
import type { Backend } from "../ir/backend.ts";
import type { ProfileOptions } from "../plan/index.ts";
import type { BackendFlags, StartedBackend } from "./services.ts";

/**
 * Starts what the user has chosen for computing.
 *
 * @throws InputError where it has not what is asked of it, BackendError where it cannot be had
 */
export async function startBackend(
  flags: BackendFlags,
  profile?: ProfileOptions,
): Promise<StartedBackend> {
  const { backend, threads, arithmetic, products } = flags;
  checkFlags(flags);
  const wasm = { arithmetic, threads, profile };
  const webgpu = { profile, products };
  switch (backend) {
    case "wasm":
      return (await init("wasm", wasm)).threads;
    case "auto": {
      const chosen = await init("auto", { wasm, webgpu });
      const { threads: report, fallback } = chosen;
      return { ...report, reason: fallback ?? report.reason, ...onDevice(chosen) };
    }
    case "webgpu":
      try {
        const chosen = await init("webgpu", webgpu);
        return { ...chosen.threads, ...onDevice(chosen) };
      } catch (error) {
        throw error instanceof BackendError ? inWordsOfTheProgram(error) : error;
      }
    default:
      return (await init(backend)).threads;
  }
}

/** What is known of a device, and how it is tuned. */
const onDevice = (backend: Backend): Pick<StartedBackend, "device" | "tune"> => ({
  device: backend.device,
  ...(backend.tune && {
    tune: async (known) => (await backend.tune?.(known)) as JsonObject | undefined,
  }),
});

/** Whether a graphics processor may be what computes. */
export const mayBeDevice = (backend: BackendFlags["backend"]): boolean =>
  backend === "webgpu" || backend === "auto";

function checkFlags({ backend, threads, arithmetic, products }: BackendFlags): void {
  if (products === "f16" && !mayBeDevice(backend)) {
    throw inputError({
      where: "--products",
      problem: "is for graphics processors, and another backend is to compute",
      expected: "--backend webgpu",
      got: `--backend ${backend}`,
      fix: "Leave one of the two options out.",
    });
  }
  if (backend !== "wasm" && arithmetic === "relaxed") {
    throw inputError({
      where: "--backend",
      problem: "has strict arithmetic only, and relaxed is asked for, here or by the configuration",
      expected: "wasm",
      got: backend,
      fix: "Add --arithmetic strict, or compute on wasm.",
    });
  }
  if (threads !== undefined && backend !== "wasm" && backend !== "auto") {
    throw inputError({
      where: "--threads",
      problem: "is for the kernels on the CPU, and another backend is to compute",
      expected: "--backend wasm",
      got: `--backend ${backend}`,
      fix: "Leave one of the two options out.",
    });
  }
}

const inWordsOfTheProgram = (error: BackendError): BackendError =>
  new BackendError(error.message.replaceAll("`await init()`", "`--backend wasm`"));
