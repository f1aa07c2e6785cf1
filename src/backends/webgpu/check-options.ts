import { checkOptions, type KindsOf } from "../../core/arguments.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError } from "../../core/errors.ts";
import { checkProfile, flagKinds } from "../../plan/index.ts";
import { adapterKinds } from "./adapter-options.ts";
import type { WebGpuOptions } from "./options.ts";

const where = "webgpu";

const kinds: KindsOf<WebGpuOptions> = {
  ...flagKinds,
  ...adapterKinds,
  device: "any",
  arithmetic: ["exact", "relaxed"],
  check: "flag",
  windowBytes: "number",
  merges: "flag",
  spareBytes: "number",
  profile: "any",
  allowReference: "flag",
};

/** @throws ReformaxError that names the option that is none, or has a value that it cannot have */
export function checkWebGpuOptions(options: WebGpuOptions): WebGpuOptions {
  const { windowBytes, spareBytes, profile } = checkOptions(options, kinds, where);
  checkBytes("windowBytes", windowBytes, 256);
  checkBytes("spareBytes", spareBytes, 0);
  checkProfile(profile, where);
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
