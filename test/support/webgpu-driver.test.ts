import { describe, expect, it } from "vitest";
import { driverManifest } from "./webgpu-driver.ts";

const everywhere = (): boolean => true;
const chromiums = "/usr/lib/chromium/vk_swiftshader_icd.json";

describe("the driver that WebGPU has in tests", () => {
  it("is one for CPUs, the first that is installed", () => {
    expect(driverManifest({}, everywhere)).toBe(chromiums);
    expect(driverManifest({}, (path) => path.includes("lvp"))).toMatch(/lvp_icd/);
    expect(driverManifest({}, () => false)).toBeUndefined();
  });

  it("is the one that somebody names", () => {
    const named = { REFORMAX_VULKAN_DRIVER: "/opt/driver.json", VK_DRIVER_FILES: "other.json" };
    expect(driverManifest(named, everywhere)).toBe("/opt/driver.json");
    expect(driverManifest({ REFORMAX_VULKAN_DRIVER: "" }, everywhere)).toBe(chromiums);
  });

  it("is the loader's choice, if somebody wants that or told the loader", () => {
    for (const environment of [
      { REFORMAX_VULKAN_DRIVER: "system" },
      { VK_DRIVER_FILES: "other.json" },
      { VK_ICD_FILENAMES: "other.json" },
    ]) {
      expect(driverManifest(environment, everywhere)).toBeUndefined();
    }
  });
});
