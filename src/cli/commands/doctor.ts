import { totalmem, freemem } from "node:os";
import { Command } from "commander";
import { hasRelaxedArithmetic, probeThreads } from "../../backends/wasm/index.ts";
import { describeAdapter } from "../../backends/webgpu/index.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { BackendName } from "../../init.ts";
import { formatBytes } from "../format.ts";
import { exitCodes, type SetExitCode } from "../exit-codes.ts";
import { isSupportedNode, supportedNode } from "../node-version.ts";
import { selfTest } from "../self-test.ts";
import type { Services } from "../services.ts";

/** One line of the report. */
interface Finding {
  readonly healthy: boolean;
  readonly what: string;
  readonly detail: string;
}

/** `reformax doctor`. */
export const doctorCommand = (services: Services, setExitCode: SetExitCode): Command =>
  new Command("doctor")
    .description("Check whether this machine can run reformax, and whether it computes rightly.")
    .action(async () => {
      const findings = [
        nodeVersion(),
        simd(),
        relaxed(),
        memory(),
        await threads(),
        ...(await graphics(services)),
        await backend("wasm", services),
        await backend("reference", services),
      ];
      for (const { healthy, what, detail } of findings) {
        console.log(`${healthy ? "ok  " : "BAD "} ${what}: ${detail}`);
      }
      if (findings.some(({ healthy }) => !healthy)) setExitCode(exitCodes.failure);
    });

const nodeVersion = (): Finding => ({
  healthy: isSupportedNode(process.versions.node),
  what: "Node",
  detail: `${process.versions.node} (needs ${supportedNode})`,
});

/** A module whose only function, of type () -> v128, is i8x16.popcnt(i8x16.splat(0)). */
const simdModule = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
    [0x03, 0x02, 0x01, 0x00],
    [0x0a, 0x0a, 0x01, 0x08, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62, 0x0b],
  ].flat(),
);

/** An engine may have no WebAssembly at all, as Node has with --jitless. */
const hasWebAssembly = (): boolean => typeof WebAssembly !== "undefined";

const simd = (): Finding => {
  const healthy = hasWebAssembly() && WebAssembly.validate(simdModule);
  const detail = healthy ? "available" : "missing: use a newer Node, without --jitless";
  return { healthy, what: "WebAssembly SIMD", detail };
};

/** Without it all is there, only slower. */
const relaxed = (): Finding => ({
  healthy: true,
  what: "relaxed arithmetic",
  detail: hasWebAssembly() && hasRelaxedArithmetic() ? "available" : "not in this engine",
});

/** Below this not even a small model trains. */
const leastMemory = 512 * 2 ** 20;

const memory = (): Finding => ({
  healthy: totalmem() >= leastMemory,
  what: "memory",
  detail: `${formatBytes(freemem())} free of ${formatBytes(totalmem())}`,
});

/** One thread is slower, but no fault. */
const threads = (): Promise<Finding> =>
  attempt("threads", async () => {
    const { count, reason } = await probeThreads();
    return reason === undefined ? String(count) : `${count}: ${reason}`;
  });

/** A machine without one computes on its CPU; one that computes wrongly is a fault. */
async function graphics(services: Services): Promise<readonly Finding[]> {
  const what = "graphics processor";
  try {
    const found = { healthy: true, what, detail: await describeAdapter() };
    return [found, await backend("webgpu", services)];
  } catch (error) {
    const detail = error instanceof ReformaxError ? error.message : String(error);
    return [{ healthy: true, what, detail: `none: ${detail.replace(/\s+/g, " ")}` }];
  }
}

const backend = (name: BackendName, services: Services): Promise<Finding> =>
  attempt(`backend ${name}`, async () => {
    await services.startBackend({ backend: name });
    return selfTest();
  });

async function attempt(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { healthy: true, what, detail: await look() };
  } catch (error) {
    const detail = error instanceof ReformaxError ? error.message : String(error);
    return { healthy: false, what, detail: detail.replace(/\s+/g, " ") };
  }
}
