/** Which driver WebGPU has in Node: Dawn asks Vulkan's loader on Linux, which finds drivers by manifests. */
import { existsSync } from "node:fs";

/** Where packages put the manifest of a driver for CPUs: SwiftShader with Chromium, lavapipe with Mesa. */
const wellKnownManifests = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
  "/usr/share/vulkan/icd.d/lvp_icd.json",
  "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
  "/usr/share/vulkan/icd.d/lvp_icd.aarch64.json",
];

export const driverPackages = "chromium libvulkan1";

/**
 * The manifest that the loader is told of. `REFORMAX_VULKAN_DRIVER` names one, or says `system` for whatever drivers the
 * machine has; the loader's own variables are left alone; else it is a driver for CPUs, so that tests compute the same
 * on every machine. `undefined`: the loader looks for itself.
 */
export function driverManifest(
  environment: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean,
): string | undefined {
  const { REFORMAX_VULKAN_DRIVER: wanted, VK_DRIVER_FILES, VK_ICD_FILENAMES } = environment;
  if (wanted !== undefined && wanted !== "") return wanted === "system" ? undefined : wanted;
  if (VK_DRIVER_FILES !== undefined || VK_ICD_FILENAMES !== undefined) return undefined;
  return wellKnownManifests.find(exists);
}

/** The loader's variables, under its name of today and that before Vulkan 1.3.207. */
export function driverVariables(
  ...given: Parameters<typeof driverManifest>
): Readonly<Record<string, string>> {
  const manifest = driverManifest(...given);
  return manifest === undefined ? {} : { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest };
}

/** Tells the loader, which reads this process's environment when the first instance is made. */
export function chooseDriver(): void {
  Object.assign(process.env, driverVariables(process.env, existsSync));
}
