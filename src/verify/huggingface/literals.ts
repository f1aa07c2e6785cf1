import type { Tensor } from "../../core/tensor.ts";
import { isJsonObject, type Json } from "../../edge/json.ts";
import type { Problem } from "../../edge/problem.ts";
import type { GoldenCase } from "../case.ts";

/**
 * Where a result is not what HuggingFace's test file prints of it: io.json says of which slice (`expected.logits[1, -1, :5]`) which
 * numbers stand there. Slices of weights are no results, and left out, as
 * are masked positions, which carry no meaning.
 */
export function literalProblems(
  { description }: GoldenCase,
  results: ReadonlyMap<string, Tensor>,
  masked: (position: number) => boolean,
): readonly Problem[] {
  const tolerance = Number(description.atol_of_the_test ?? 1e-3);
  return literalsOf(description.literal).flatMap(([slice, numbers]) => {
    const found = sliceOf(slice, results, masked);
    if (found === undefined) return [];
    const wrong = numbers.findIndex((number, i) => !(Math.abs(found[i] - number) <= tolerance));
    if (wrong < 0) return [];
    const problem = "is not what HuggingFace's test prints";
    const [expected, got] = [String(numbers[wrong]), String(found[wrong])];
    return [{ where: `${slice}, number ${wrong}`, problem, expected, got }];
  });
}

type Literal = readonly [slice: string, numbers: readonly number[]];

/** Either `{ compare, with }` or numbers by their slices. */
function literalsOf(given: Json | undefined): readonly Literal[] {
  if (!isJsonObject(given)) return [];
  const { compare } = given;
  const entries: readonly (readonly [string, Json])[] =
    typeof compare === "string" ? [[compare, given.with]] : Object.entries(given);
  return entries.map(([slice, numbers]) => [
    slice,
    [numbers].flat().filter((n) => typeof n === "number"),
  ]);
}

/** Elements of a result: one place on each axis, but for the last, of which there is a range. A single number has no place. */
function sliceOf(
  text: string,
  results: ReadonlyMap<string, Tensor>,
  masked: (position: number) => boolean,
): readonly number[] | undefined {
  const parts = /^(?:expected\.)?([\w.]+)(?:\[(.*)\])?$/.exec(text);
  const tensor = parts ? results.get(parts[1]) : undefined;
  if (!parts || tensor === undefined) return undefined;
  const places = parts[2] === undefined ? [] : parts[2].split(",").map((place) => place.trim());
  const at = places.slice(0, -1).reduce((row, place, axis) => {
    const index = Number(place);
    return row * tensor.shape[axis] + (index < 0 ? index + tensor.shape[axis] : index);
  }, 0);
  if (places.length > 0 && masked(at)) return undefined;
  const width = places.length === 0 ? tensor.size : tensor.shape[tensor.rank - 1];
  const range = /^(-?\d*):(-?\d*)$/.exec(places[places.length - 1] ?? ":");
  if (!range) return undefined;
  const [from, to] = [bound(range[1], 0, width), bound(range[2], width, width)];
  return Array.from(tensor.words().slice(at * width + from, at * width + to));
}

const bound = (text: string, absent: number, width: number): number => {
  if (text === "") return absent;
  const index = Number(text);
  return index < 0 ? index + width : index;
};
