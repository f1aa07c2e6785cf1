import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { attempt, type Validated } from "../edge/problem.ts";
import { asJsonObject, parseJsonBytes, type JsonObject } from "../edge/json.ts";
import { readRegularFile } from "../edge/node/read-file.ts";

/** Far more than a configuration needs: a larger file is another one. */
const mostBytes = 2 ** 26;

/** A configuration file's object. */
export const readConfigFile = (path: string): Validated<JsonObject> =>
  pipe(
    attempt(() => readRegularFile(path, { most: mostBytes, doing: "read the configuration" })),
    E.chain((bytes) => parseJsonBytes(bytes, path)),
    E.chain((value) => asJsonObject(value, path)),
  );
