import { checkOptions, checkRecord, type KindsOf } from "../../core/arguments.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError } from "../../core/errors.ts";
import { orAbsent } from "../../core/kinds.ts";
import { checkProfile, flagKinds } from "../../plan/index.ts";
import { adapterKinds } from "./adapter-options.ts";
import { tileNames, type TileChoice } from "./kernels/tiles.ts";
import type { WebGpuOptions } from "./options.ts";

const where = "webgpu";

const kinds: KindsOf<WebGpuOptions> = {
  ...flagKinds,
  ...adapterKinds,
  device: "any",
  arithmetic: ["exact", "relaxed"],
  products: ["f32", "f16"],
  tiles: "any",
  check: "flag",
  windowBytes: "number",
  merges: "flag",
  spareBytes: "number",
  fuseProductsFrom: "number",
  quadsFrom: "number",
  profile: "any",
  allowReference: "flag",
};

/** @throws ReformaxError that names the option that is none, or has a value that it cannot have */
export function checkWebGpuOptions(options: WebGpuOptions): WebGpuOptions {
  const { windowBytes, profile, tiles, ...others } = checkOptions(options, kinds, where);
  checkNumber("windowBytes", windowBytes, 256);
  for (const name of ["spareBytes", "fuseProductsFrom", "quadsFrom"] as const) {
    checkNumber(name, others[name], 0);
  }
  checkProfile(profile, where);
  if (tiles !== undefined) checkTiles(tiles, where);
  return options;
}

const tile = orAbsent(tileNames);
const tileKinds = { "64x64": tile, "64x128": tile, "128x64": tile, "128x128": tile } as const;

/** @throws ReformaxError when it is none */
export function checkTiles(choice: unknown, at: string): TileChoice {
  checkRecord<TileChoice>(choice as TileChoice, tileKinds, "tiles", at);
  return choice as TileChoice;
}

/** @param least - the smallest that it may be; larger than 0, it must be a multiple of that */
function checkNumber(name: string, count: number | undefined, least: number): void {
  if (count === undefined) return;
  const fits = least === 0 ? count >= 0 : count >= least && count % least === 0;
  if (Number.isSafeInteger(count) && fits) return;
  const what = name.endsWith("Bytes") ? "number of bytes" : "number";
  throw new ReformaxError(`the option ${name} is no such ${what}`, {
    where,
    expected: least === 0 ? "a whole number from 0 on" : `a multiple of ${least}`,
    got: describeArgument(count),
  });
}
