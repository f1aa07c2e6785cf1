import { checkOptions, checkParts, type KindsOf } from "../../core/arguments.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { WebGpuOptions } from "./backend.ts";

const where = "webgpu";

const kinds: KindsOf<WebGpuOptions> = {
  device: "any",
  powerPreference: ["low-power", "high-performance"],
  arithmetic: ["exact", "relaxed"],
  check: "flag",
  windowBytes: "number",
  merges: "flag",
  spareBytes: "number",
  profile: "any",
  allowReference: "flag",
  cse: "flag",
  inline: "flag",
  foldConstants: "flag",
  fusion: "flag",
  foldViews: "flag",
  inPlace: "flag",
  smallestDonation: "number",
  poison: "flag",
};

/** @throws ReformaxError that names the option that is none, or has a value that it cannot have */
export function checkWebGpuOptions(options: WebGpuOptions): WebGpuOptions {
  const { windowBytes, spareBytes, profile } = checkOptions(options, kinds, where);
  checkBytes("windowBytes", windowBytes, 256);
  checkBytes("spareBytes", spareBytes, 0);
  if (profile !== undefined) {
    checkParts(profile, ["onRun"], "profile", where);
    checkOptions(profile, { onRun: "function", events: "number" }, `${where}: profile`);
  }
  return options;
}

/** @param least - the smallest that it may be; larger than 0, it must be a multiple of that */
function checkBytes(name: string, bytes: number | undefined, least: number): void {
  if (bytes === undefined) return;
  const fits = least === 0 ? bytes >= 0 : bytes >= least && bytes % least === 0;
  if (Number.isSafeInteger(bytes) && fits) return;
  throw new ReformaxError(`the option ${name} is no such number of bytes`, {
    where,
    expected: least === 0 ? "a whole number from 0 on" : `a multiple of ${least}`,
    got: describeArgument(bytes),
  });
}
