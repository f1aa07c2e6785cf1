import { readFileSync } from "node:fs";
import * as E from "fp-ts/lib/Either.js";
import { InputError, type Validated } from "../edge/problem.ts";
import { parseJsonObject, type JsonObject } from "../edge/json.ts";
import { withFile } from "../interop/node/file-errors.ts";

/** The problems of an operation that throws them. */
export function attempt<A>(operation: () => A): Validated<A> {
  try {
    return E.right(operation());
  } catch (error) {
    if (error instanceof InputError) return E.left(error.problems);
    throw error;
  }
}

/** A configuration file's object. */
export const readConfigFile = (path: string): Validated<JsonObject> =>
  E.chain((text: string) => parseJsonObject(text, path))(
    attempt(() => withFile(path, "read the configuration", () => readFileSync(path, "utf8"))),
  );
