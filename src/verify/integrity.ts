import { formatShape, shapesEqual, type Shape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { isJsonObject, type Json } from "../edge/json.ts";
import { kindOf } from "../edge/kind-of.ts";
import type { Problem } from "../edge/problem.ts";
import { settingProblems } from "../interop/huggingface/config.ts";
import { elementTypes } from "../interop/safetensors/element-types.ts";
import type { GoldenCase } from "./case.ts";
import { ownWeights } from "./contract.ts";
import { storedGradients, storedOutputs, type Contract } from "./contract-shape.ts";
import { promisedDTypes, promisedShapes } from "./promises.ts";
import { largestDifference, largestMagnitude } from "./magnitudes.ts";

/** Where io.safetensors and io.json disagree: for cases of every kind, also those that are skipped. */
export function checkListing(golden: GoldenCase): readonly Problem[] {
  if (!isJsonObject(golden.description.tensors)) {
    return [{ where: "io.json", problem: "lists no tensors" }];
  }
  return [
    ...compareShapes("io.safetensors", promisedShapes(golden), golden.tensors, [
      ...golden.tensors.keys(),
    ]),
    ...checkDTypes(golden),
    ...checkSettings(golden),
  ];
}

/** io.json names the file's element types; ours are fewer. */
function checkDTypes(golden: GoldenCase): readonly Problem[] {
  return [...promisedDTypes(golden)].flatMap(([name, promised]): Problem[] => {
    const got = golden.tensors.get(name)?.dtype;
    if (got === undefined) return [];
    const type = typeof promised === "string" ? elementTypes.get(promised) : undefined;
    if (type?.dtype === got) return [];
    const where = `io.json ${name}`;
    return [
      {
        where,
        problem: "wrong dtype",
        expected: `one that is read as ${got}`,
        got: shown(promised),
      },
    ];
  });
}

const shown = (value: Json): string => (typeof value === "string" ? value : kindOf(value));

/** Settings that nobody could have computed the case with. */
const checkSettings = ({ kind, config }: GoldenCase): readonly Problem[] =>
  config === undefined || !kind.startsWith("hf/")
    ? []
    : settingProblems(config).map((problem) => ({
        ...problem,
        where: `config.json ${problem.where}`,
      }));

/** Missing, extra and misshapen tensors, and results that cannot both come from the runs that they claim to come from. */
export function checkContents(golden: GoldenCase, contract: Contract): readonly Problem[] {
  return [
    ...checkNames(golden, contract),
    ...(contract.weights === undefined
      ? []
      : compareShapes("model.safetensors", contract.weights, golden.weights, ownWeights(golden))),
    ...checkPairs(golden, contract),
    ...checkTwins(golden),
    ...checkRecordedErrors(golden, contract),
    ...checkRoundingFlags(golden),
  ];
}

function compareShapes(
  file: string,
  expected: ReadonlyMap<string, Shape>,
  tensors: ReadonlyMap<string, Tensor>,
  names: readonly string[],
): readonly Problem[] {
  const wrong = [...expected].flatMap(([name, shape]): Problem[] => {
    const where = `${file} ${name}`;
    const got = tensors.get(name)?.shape;
    if (got === undefined) return [{ where, problem: "missing tensor" }];
    if (shapesEqual(got, shape)) return [];
    return [
      { where, problem: "misshapen tensor", expected: formatShape(shape), got: formatShape(got) },
    ];
  });
  const extra = names
    .filter((name) => !expected.has(name))
    .map((name) => ({ where: `${file} ${name}`, problem: "extra tensor" }));
  return [...wrong, ...extra];
}

function checkNames({ tensors }: GoldenCase, contract: Contract): readonly Problem[] {
  const required = [
    ...contract.inputs,
    ...contract.buckets,
    ...contract.outputs.flatMap((name) => storedOutputs(contract, name)),
    ...contract.gradients.flatMap((name) => storedGradients(contract, name)),
  ];
  const allowed = new Set([...required, ...contract.optionalInputs]);
  const missing = required.filter((name) => !tensors.has(name));
  const extra = [...tensors.keys()].filter(
    (name) => !allowed.has(name) && !contract.intermediate.test(name),
  );
  return [
    ...missing.map((name) => ({ where: `io.safetensors ${name}`, problem: "missing tensor" })),
    ...extra.map((name) => ({ where: `io.safetensors ${name}`, problem: "extra tensor" })),
  ];
}

/** Both runs' results have one shape, and a gradient that of its weight. */
function checkPairs({ tensors, weights }: GoldenCase, contract: Contract): readonly Problem[] {
  const same = (a: Tensor | undefined, b: Tensor | undefined, where: string): Problem[] =>
    a === undefined || b === undefined || shapesEqual(a.shape, b.shape)
      ? []
      : [
          {
            where,
            problem: "misshapen tensor",
            expected: formatShape(b.shape),
            got: formatShape(a.shape),
          },
        ];
  return [
    ...contract.outputs.flatMap((name) => {
      const [first, second = first] = storedOutputs(contract, name);
      return same(tensors.get(first), tensors.get(second), first);
    }),
    ...contract.gradients.flatMap((name) => {
      const weight =
        weights.get(name.replace(/^(train|eval)\.grad\./, "")) ?? tensors.get(`input.${name}`);
      return storedGradients(contract, name).flatMap((stored) =>
        same(tensors.get(stored), weight, stored),
      );
    }),
  ];
}

/** HuggingFace stores the head's bias under two names. */
function checkTwins({ weights }: GoldenCase): readonly Problem[] {
  const a = weights.get("lm_head.bias")?.words();
  const b = weights.get("lm_head.decoder.bias")?.words();
  if (a === undefined || b === undefined || a.every((value: number, i: number) => value === b[i]))
    return [];
  return [{ where: "lm_head.bias", problem: "differs from lm_head.decoder.bias, its other name" }];
}

/** io.json records how far the float32 and the float64 run lie apart: a value that was changed since gives itself away. */
function checkRecordedErrors(golden: GoldenCase, contract: Contract): readonly Problem[] {
  const recorded = golden.description.max_abs_diff_f32_f64 ?? null;
  if (!isJsonObject(recorded)) return [];
  const outputs = isJsonObject(recorded.outputs) ? recorded.outputs : recorded;
  const pair = (names: readonly string[]): RunPair => names.map((name) => golden.tensors.get(name));
  const gradients = contract.gradients.map((name) => pair(storedGradients(contract, name)));
  return [
    ...contract.outputs.flatMap((name) =>
      checkDistance(name, outputs[name], [pair(storedOutputs(contract, name))]),
    ),
    ...contract.gradients.flatMap((name, i) =>
      checkDistance(`grad.${name}`, recorded[`grad.${name}`], [gradients[i]]),
    ),
    ...checkDistance("the gradients", recorded.grads_worst, gradients),
  ];
}

/** A tensor of the float64 run and one of the float32 run, where the case has them. */
type RunPair = readonly (Tensor | undefined)[];

/** Whether the largest distance within the pairs is the one that was recorded. */
function checkDistance(
  where: string,
  recorded: Json | undefined,
  pairs: readonly RunPair[],
): readonly Problem[] {
  if (typeof recorded !== "number") return [];
  let distance = 0;
  let magnitude = 0;
  for (const [first, second] of pairs) {
    if (first === undefined || second === undefined || first.size !== second.size) return [];
    distance = Math.max(distance, largestDifference(first, second));
    magnitude = Math.max(magnitude, largestMagnitude(first));
  }
  // The record was taken before float64 results were rounded for storage.
  if (Math.abs(distance - recorded) <= 1e-6 * (1 + magnitude)) return [];
  const problem = "the float32 and float64 runs do not lie as far apart as io.json says";
  return [{ where, problem, expected: recorded.toPrecision(3), got: distance.toPrecision(3) }];
}

const flaggedAbove = 1e-4;

/** `info.f32_rounding_positions` is 1 exactly where the two runs differ by more than 1e-4. */
function checkRoundingFlags({ tensors, description }: GoldenCase): readonly Problem[] {
  const flags = tensors.get("info.f32_rounding_positions");
  const rounding = description.f32_rounding;
  const name = isJsonObject(rounding) ? textOf(rounding.compared) : "";
  const a = tensors.get(`expected.${name}`);
  const b = tensors.get(`expected64.${name}`);
  if (flags === undefined || a === undefined || b === undefined) return [];
  if (a.size !== b.size || !shapesEqual(flags.shape, a.shape.slice(0, -1))) return [];
  const width = a.shape[a.rank - 1];
  const wrong = flags.words().findIndex((flag: number, position: number) => {
    const distance = largestDifference(a, b, position * width, (position + 1) * width);
    return distance > flaggedAbove !== (flag !== 0);
  });
  if (wrong < 0) return [];
  const problem = "the float32 and float64 runs contradict info.f32_rounding_positions";
  return [{ where: `${name}, position ${wrong}`, problem }];
}

const textOf = (value: Json): string => (typeof value === "string" ? value : "");
