import { checkOptions } from "../../core/arguments.ts";
import { adapterKinds, type AdapterOptions } from "./adapter-options.ts";
import { findAdapter, useful, usefulForHalf } from "./device.ts";

/**
 * One line about the adapter that {@link createWebGpuBackend} takes: its name, its limits, and what it can besides.
 *
 * @throws BackendError when there is none
 * @example
 * import { describeAdapter } from "reformax/backends/webgpu";
 * const adapter = await describeAdapter({ powerPreference: "low-power" });
 * console.log(adapter.length > 10); // => true
 */
export async function describeAdapter(options: AdapterOptions = {}): Promise<string> {
  checkOptions(options, adapterKinds, "describeAdapter");
  const { info, limits, features } = await findAdapter(options);
  const name = [info.vendor, info.architecture, info.device, info.description]
    .filter((part) => part !== "")
    .join(" ");
  const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;
  const known: ReadonlySet<string> = features;
  const has = [...useful, ...usefulForHalf].filter((feature) => known.has(feature));
  return (
    `${name || "unnamed"}; buffers of ${mebibytes(limits.maxBufferSize)}, bindings of ` +
    `${mebibytes(limits.maxStorageBufferBindingSize)}, ${limits.maxComputeInvocationsPerWorkgroup} threads and ` +
    `${limits.maxComputeWorkgroupStorageSize} bytes a workgroup; ${has.join(", ") || "no features"}`
  );
}
