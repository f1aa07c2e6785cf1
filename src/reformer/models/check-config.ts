import * as E from "fp-ts/lib/Either.js";
import { isJsonObject, type Json } from "../../edge/json.ts";
import { orThrowFrom, unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";
import type { LshConfig, ReformerConfig } from "./config.ts";
import { completeConfig } from "./reformer-config.ts";

/** Names of what may be left out of a record. */
type Optional<T> = Extract<
  { readonly [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T],
  string
>;

/** What a Reformer's configuration may leave out, by its path: fields that are younger than configurations in use. */
const mayLack: Readonly<Record<Optional<ReformerConfig> | `lsh.${Optional<LshConfig>}`, true>> = {
  mask: true,
  residual: true,
  feedForward: true,
  full: true,
  attention: true,
  tiedLayers: true,
  "lsh.centred": true,
  "lsh.powersUpTo": true,
  "lsh.bestBuckets": true,
  "lsh.rotations": true,
  "lsh.hashMasked": true,
  "lsh.hashDropout": true,
  "lsh.wholeUpTo": true,
  "lsh.sameBucket": true,
  "lsh.duplicates": true,
  "lsh.circular": true,
};

/** Sections all of whose fields may be left out, and the union whose members know themselves what belongs to them. */
const withoutFields: readonly string[] = [
  "attention",
  "residual",
  "feedForward",
  "full",
  "positions",
];

/**
 * A check that throws unless its argument is a configuration with all that belongs to it, with every problem at once. Each object
 * is looked at once, as long as it is right.
 *
 * @param complete - reads a configuration, and adds what may be left out
 * @param section - what stands before the paths of the Reformer's own fields
 */
export const configCheck = <Config extends object>(
  complete: (given: Json) => Validated<Config>,
  section = "",
) => {
  const known = new WeakSet<Config>();
  const validated = (given: Json): Validated<Config> =>
    E.chain((whole: Config) =>
      unlessProblems(missing(given, whole as unknown as Json, "", section), () => whole),
    )(complete(given));
  return (config: Config, where: string): void => {
    const given: unknown = config;
    if (typeof given === "object" && given !== null && known.has(config)) return;
    orThrowFrom(`${where}: config`)(validated(given as Json));
    known.add(config);
  };
};

/** {@link configCheck} for a Reformer. */
export const checkConfig: (config: ReformerConfig, where: string) => void =
  configCheck(completeConfig);

/** What a complete configuration has and the given one has not. */
function missing(
  given: Json | undefined,
  complete: Json,
  path: string,
  section: string,
): readonly Problem[] {
  if (!isJsonObject(complete) || !isJsonObject(given)) return [];
  if (withoutFields.some((field) => path === `${section}${field}`)) return [];
  return Object.entries(complete).flatMap(([key, part]): readonly Problem[] => {
    const where = path === "" ? key : `${path}.${key}`;
    if (given[key] !== undefined) return missing(given[key], part, where, section);
    if (part === undefined || (where.startsWith(section) && where.slice(section.length) in mayLack))
      return [];
    const fix = `${section === "" ? "reformerConfig completes" : "trainConfig and taskConfig complete"} the values that you give.`;
    return [{ where, problem: "is missing", fix }];
  });
}
