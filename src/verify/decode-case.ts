import { sequenceS } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { asJsonObject, parseJsonBytes, type JsonObject } from "../edge/json.ts";
import { invalid, validation, within, type Validated } from "../edge/problem.ts";
import { safetensors } from "../interop/index.ts";
import type { GoldenCase } from "./case.ts";

/** The bytes of one of a case's files; undefined where there is none. */
export type CaseFile = (name: string) => Validated<Uint8Array | undefined>;

/** A case from its files; every problem of each is reported. */
export const decodeCase = (file: CaseFile, name: string): Validated<GoldenCase> =>
  pipe(
    sequenceS(validation)({
      description: needed(file, "io.json", decodeObject),
      config: optional(file, "config.json", decodeObject),
      weights: optional(file, "model.safetensors", decodeTensors),
      tensors: needed(file, "io.safetensors", decodeTensors),
    }),
    E.chain(({ description, config, weights, tensors }) =>
      pipe(
        kindOfCase(description, config?.is_decoder === true, [...(weights ?? new Map()).keys()]),
        E.map((kind) => ({
          name,
          kind,
          description,
          config,
          weights: weights ?? new Map(),
          tensors,
        })),
      ),
    ),
  );

/** `hf/ReformerModelWithLMHead`: the library and the class, without remarks in brackets. */
function kindOfCase(
  { family, class: className, test }: JsonObject,
  isDecoder: boolean,
  weights: readonly string[],
): Validated<string> {
  if (typeof family === "string" && typeof className === "string") {
    return E.right(`${family}/${className.replace(/\s*\(.*\)$/, "")}`);
  }
  if (typeof family === "string" && typeof test === "string") {
    return E.right(`${family}/${classOfTest(test, isDecoder, weights) ?? test}`);
  }
  return invalid({ where: "io.json", problem: "does not say family and class" });
}

/** The class that one of HuggingFace's integration tests runs: its weights tell, and whether it is a decoder. */
function classOfTest(
  test: string,
  isDecoder: boolean,
  weights: readonly string[],
): string | undefined {
  if (!test.includes("::ReformerIntegrationTests::")) return undefined;
  const has = (part: string): boolean => weights.some((name) => name.startsWith(part));
  if (has("lm_head.")) return isDecoder ? "ReformerModelWithLMHead" : "ReformerForMaskedLM";
  if (has("embeddings.")) return "ReformerModel";
  return has("attention.") ? "ReformerLayer" : undefined;
}

type Decode<A> = (bytes: Uint8Array, name: string) => Validated<A>;

const decodeObject: Decode<JsonObject> = (bytes, name) =>
  pipe(
    parseJsonBytes(bytes, name),
    E.chain((value) => asJsonObject(value, name)),
  );

const decodeTensors: Decode<GoldenCase["tensors"]> = (bytes, name) =>
  pipe(
    within(`${name} `)(safetensors.parse(bytes)),
    E.map(({ tensors }) => tensors),
  );

const optional = <A>(file: CaseFile, name: string, decode: Decode<A>): Validated<A | undefined> =>
  E.chain((bytes: Uint8Array | undefined) =>
    bytes === undefined ? E.right<never, A | undefined>(undefined) : decode(bytes, name),
  )(file(name));

const needed = <A>(file: CaseFile, name: string, decode: Decode<A>): Validated<A> =>
  E.chain((found: A | undefined) =>
    found === undefined
      ? invalid({
          where: name,
          problem: "cannot read: does not exist",
          expected: "a file",
          got: "none",
        })
      : E.right(found),
  )(optional(file, name, decode));
