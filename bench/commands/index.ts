import type { Command } from "../command.ts";
import { calls } from "./calls.ts";
import { ceiling } from "./ceiling.ts";
import { compile } from "./compile.ts";
import { decode } from "./decode.ts";
import { dispatches } from "./dispatches.ts";
import { kernels } from "./kernels.ts";
import { million } from "./million.ts";
import { novel } from "./novel.ts";
import { parsers } from "./parsers.ts";
import { resident } from "./resident.ts";
import { sameBits } from "./same-bits.ts";
import { scaling } from "./scaling.ts";
import { small } from "./small.ts";
import { threads } from "./threads.ts";
import { tokens } from "./tokens.ts";
import { webgpu } from "./webgpu.ts";

/** All benchmarks, in the order in which they run. */
export const commands: readonly Command[] = [
  calls,
  small,
  compile,
  ceiling,
  decode,
  dispatches,
  kernels,
  tokens,
  threads,
  novel,
  million,
  sameBits,
  parsers,
  resident,
  webgpu,
  ...scaling,
];
