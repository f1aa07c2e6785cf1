import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { within, type Validated } from "../../edge/problem.ts";
import type { ReformerConfig } from "../../reformer/index.ts";
import { configOf } from "./model-config.ts";
import type { ModuleOptions } from "./module-options.ts";

/** The configuration of a model that is read, with what a state dict says nothing of: whose the rotations are, and what is short. */
export const configFor = (options: ModuleOptions): Validated<ReformerConfig> =>
  pipe(
    configOf(options, options.flag("use_full_attn", false)),
    E.map((config) => ({
      ...config,
      lsh: {
        ...config.lsh,
        wholeUpTo: options.number("full_attn_thres", 0),
        rotations: options.flag("random_rotations_per_head", false)
          ? ("example" as const)
          : ("shared" as const),
      },
    })),
    within("options, as a configuration of ours: "),
  );
