import type { Shape } from "../core/shape.ts";
import { isJsonObject, type Json, type JsonObject } from "../edge/json.ts";
import type { GoldenCase } from "./case.ts";

/** Shape that io.json promises for a tensor of io.safetensors. */
export const promisedShapes = (golden: GoldenCase): ReadonlyMap<string, Shape> =>
  new Map(
    promised(golden).flatMap(([name, { shape }]): [string, Shape][] =>
      Array.isArray(shape) ? [[name, shape.filter((n) => typeof n === "number")]] : [],
    ),
  );

/** Element types that io.json promises, where it does. */
export const promisedDTypes = (golden: GoldenCase): ReadonlyMap<string, Json> =>
  new Map(
    promised(golden).flatMap(([name, { dtype }]): [string, Json][] =>
      dtype === undefined ? [] : [[name, dtype]],
    ),
  );

const promised = ({ description }: GoldenCase): readonly (readonly [string, JsonObject])[] =>
  Object.entries(isJsonObject(description.tensors) ? description.tensors : {}).map(
    ([name, entry]) => [name, isJsonObject(entry) ? entry : {}],
  );
