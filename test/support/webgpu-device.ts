/** A WebGPU device in Node, for tests. */
import { describe, test } from "vitest";
import { failsWithout } from "./programs.ts";
import { chooseDriver, driverPackages } from "./webgpu-driver.ts";

/** A driver's bugs and freedoms go by its name. */
const describeAdapter = ({ vendor, architecture, description }: GPUAdapterInfo): string =>
  [vendor, architecture, description].filter((text) => text !== "").join(" ");

/**
 * WebGPU itself. It lives as long as the process: a device whose instance was collected is lost.
 * @returns `undefined` where the package has no binary for this platform, or the loader is missing
 */
const instance = (async (): Promise<GPU | undefined> => {
  chooseDriver();
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    return create([]);
  } catch (error) {
    console.warn(`the package webgpu does not load: ${String(error)}`);
    return undefined;
  }
})();

/** An adapter; each gives one device. `null` where there is none. */
export async function requestAdapter(): Promise<GPUAdapter | null> {
  return (await (await instance)?.requestAdapter()) ?? null;
}

/** A device of its own, to be destroyed by who asked. */
export async function openDevice(descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> {
  const adapter = await requestAdapter();
  if (adapter === null) throw new Error(missingAdapter);
  return adapter.requestDevice(descriptor);
}

const missingAdapter = `no WebGPU adapter: apt-get install ${driverPackages}, or name a driver's manifest in REFORMAX_VULKAN_DRIVER`;

/** What becomes of tests that need a device: they run, or say why they do not. */
type Fate = "run" | "fail" | "skip";

async function fateOf(title: string): Promise<Fate> {
  if ((await requestAdapter()) !== null) return "run";
  if (failsWithout(process.env)) return "fail";
  console.warn(`skipped, ${title}: ${missingAdapter}`);
  return "skip";
}

/** One test that needs a device; see {@link describeWithDevice}. */
export async function testWithDevice(
  title: string,
  options: { readonly timeout: number },
  body: () => unknown,
): Promise<void> {
  const fate = await fateOf(title);
  test.skipIf(fate === "skip")(title, options, () => {
    if (fate === "fail") throw new Error(missingAdapter);
    return body();
  });
}

/**
 * Tests that need a device. Where there is no adapter they are skipped, loudly; in CI that is a failure, because nobody
 * would hear.
 */
export async function describeWithDevice(title: string, tests: () => void): Promise<void> {
  const adapter = await requestAdapter();
  const name = adapter === null ? title : `${title} (${describeAdapter(adapter.info)})`;
  const fate = await fateOf(title);
  if (fate === "fail") {
    test(title, () => {
      throw new Error(missingAdapter);
    });
  } else describe.skipIf(fate === "skip")(name, tests);
}
