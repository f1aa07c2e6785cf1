import { version } from "../../core/version.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Writer } from "./format.ts";

/** Results that a version computes otherwise than all before it, and the runs that notice. */
interface Change {
  readonly since: string;
  readonly what: string;
  readonly concerns: (model: Partial<ReformerConfig>) => boolean;
}

const changes: readonly Change[] = [
  {
    since: "0.3.0",
    what: "running sums, of which centred LSH attention takes its means, are added in another order",
    concerns: ({ lsh, layers }) => (lsh?.centred ?? false) && (layers?.includes("lsh") ?? false),
  },
];

/**
 * Why a run that goes on from a checkpoint will not give the bits that the version which wrote it would have given: a sentence for each
 * change since then that the configuration notices. Whoever resumes runs says them.
 *
 * @param reader - the version that the run goes on with
 */
export const otherBits = (
  { config, writer: by }: Pick<Checkpoint<object>, "config" | "writer">,
  reader = version,
): readonly string[] => (by ? changesSince(by, config, reader) : []);

const changesSince = ({ writer }: Writer, config: object, reader: string): readonly string[] =>
  changes
    .filter(
      ({ since, concerns }) =>
        isBefore(writer, since) && writer !== reader && concerns(modelOf(config)),
    )
    .map(({ since, what }) => {
      const wrote = writer === undefined ? "an earlier version" : `reformax ${writer}`;
      return (
        `Since reformax ${since} ${what}, and ${wrote} wrote this checkpoint: ` +
        "the run goes on, but its bits are not those that the version before would have given."
      );
    });

/** The model's section, which the configurations of all tasks of the library have. */
const modelOf = (config: object): Partial<ReformerConfig> =>
  "model" in config ? (config.model as Partial<ReformerConfig>) : {};

/** Whether a version, of a time when checkpoints did not say it where it is absent, comes before another. */
function isBefore(writer: string | undefined, since: string): boolean {
  if (writer === undefined) return true;
  const [numbers, others] = [writer, since].map((text) => text.split(/[.+-]/).map(Number));
  const at = [0, 1, 2].find((part) => numbers[part] !== others[part]);
  return at !== undefined && numbers[at] < others[at];
}
