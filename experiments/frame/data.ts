import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/edge/node/package-root.ts";
import { inputError } from "../../src/edge/problem.ts";
import { sha256 } from "../../src/training/node/index.ts";
import { readData } from "../../src/training/node/data.ts";

/** Real data that an experiment reads: what `--data name=path` names, else a sample that lies beside the sources. */
export interface DataSource {
  readonly name: string;
  /** What belongs there, for `--list`. */
  readonly what: string;
  /** Path below the root of the sources, with `/`. */
  readonly sample: string;
}

/** Paths by the names of sources, as the user gave them. */
export type GivenData = Readonly<Record<string, string>>;

/** A source as it is read. */
export interface FoundData {
  readonly path: string;
  readonly isSample: boolean;
  /** Of all its bytes, decompressed: a run goes on with the same data only. */
  readonly hash: string;
}

/** By the name of the source. */
export type FoundSources = Readonly<Record<string, FoundData>>;

/** @throws InputError for data that are missing or cannot be read */
export const findData = (sources: readonly DataSource[], given: GivenData): FoundSources =>
  Object.fromEntries(
    sources.map(({ name, what, sample }): readonly [string, FoundData] => {
      const isSample = !Object.hasOwn(given, name);
      const path = isSample ? join(packageRoot(), ...sample.split("/")) : given[name];
      if (isSample && !existsSync(path)) {
        throw inputError({
          where: `--data ${name}`,
          problem:
            "names no data, and the sample is not here: it comes with the sources, not with the package",
          expected: what,
          fix: `Add --data ${name}=PATH.`,
        });
      }
      return [name, { path, isSample, hash: sha256(readData(path)) }];
    }),
  );
