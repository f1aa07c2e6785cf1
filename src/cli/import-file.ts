import { existsSync } from "node:fs";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { readRegularFile } from "../edge/node/read-file.ts";
import { attempt, orThrow, within, type Validated } from "../edge/problem.ts";
import {
  fromLucidrains,
  fromTrax,
  readNpy,
  readPickle,
  safetensors,
  type LoadedReformer,
  type NamedTensors,
} from "../interop/index.ts";
import { weightsIn } from "../interop/trax/weights.ts";
import { readConfigFile } from "./read-config.ts";

/** A file of weights is as large as its model, and is read at once. */
const mostBytes = 2 ** 36;

const read = (file: string): Uint8Array => readRegularFile(file, { most: mostBytes });

/** lucidrains' state dict as safetensors, of a model with these options. */
export const loadLucidrains = (file: string, optionsFile: string): Validated<LoadedReformer> =>
  pipe(
    readConfigFile(optionsFile),
    E.chain((options) =>
      pipe(
        attempt(() => read(file)),
        E.chain((bytes) => within(`${file}: `)(safetensors.parse(bytes))),
        E.chain((tensors) => fromLucidrains(options, tensors)),
      ),
    ),
  );

/** trax's checkpoint, a `.pkl.gz` or the `.weights.npy.gz` beside it, of a model with these options. */
export async function loadTrax(file: string, optionsFile: string): Promise<LoadedReformer> {
  const options = orThrow(readConfigFile(optionsFile));
  return orThrow(fromTrax(options, await traxArrays(file)));
}

async function traxArrays(file: string): Promise<NamedTensors> {
  if (/\.npy(\.gz)?$/.test(file)) return orThrow(within(`${file}: `)(await readNpy(read(file))));
  const pickled = orThrow(within(`${file}: `)(await readPickle(read(file))));
  const beside = file.replace(/\.pkl(\.gz)?$/, ".weights.npy.gz");
  const isElsewhere = weightsIn(pickled).length === 0 && beside !== file && existsSync(beside);
  return isElsewhere ? traxArrays(beside) : pickled;
}
