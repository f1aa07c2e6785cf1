import type { FunctionForm } from "./context.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { operandBytes, type Graph, type Operand, type Value } from "./graph.ts";
import { isWhole } from "./fusion.ts";
import { placeIn, type Place, type Storage } from "./storage.ts";
import { isContiguous } from "./view.ts";

/** Where a function's results go. */
export interface FunctionOutputs {
  /**
   * Storages of the caller: a loop's carries, then outputs in their order; of the main function the results that replace inputs,
   * then those that lie outside.
   */
  readonly storages: readonly Storage[];
  /** Of the main function: where all results lie at the end. */
  readonly places: readonly Place[];
}

const name = "result";

/**
 * Brings results to where the caller expects them. In-place execution later lets most of them be
 * computed there, so that the copies vanish.
 */
export function lowerOutputs(
  builder: FunctionBuilder,
  graph: Graph,
  inputs: readonly Storage[],
  form: FunctionForm,
): FunctionOutputs {
  switch (form.kind) {
    case "main":
      return lowerResults(builder, graph, inputs, form);
    case "plain":
      return {
        storages: graph.outputs.map((operand, i) =>
          parameterOutput(builder, operand, inputs.length + i),
        ),
        places: [],
      };
    case "loop":
      return { storages: lowerLoopOutputs(builder, graph, inputs, form), places: [] };
    default:
      return form satisfies never;
  }
}

/** The program's results: each where it is computed, or where whoever runs the program wants it. */
function lowerResults(
  builder: FunctionBuilder,
  graph: Graph,
  inputs: readonly Storage[],
  { outside }: Extract<FunctionForm, { readonly kind: "main" }>,
): FunctionOutputs {
  const storages: Storage[] = [];
  const firstResult = outside?.inputs.filter(Boolean).length ?? 0;
  const replaced = graph.outputs.map((_, i) => {
    const input = outside?.replaces?.[i];
    return input === undefined ? undefined : { input: graph.inputs[input], old: inputs[input] };
  });
  const overwritten = replaced.flatMap((pair) => pair?.old ?? []);
  const others = graph.outputs.map((operand, i) => {
    if (replaced[i]) return undefined;
    if (!outside?.outputs[i]) return keptResult(builder, operand, overwritten);
    const storage = parameterOutput(builder, operand, firstResult + storages.length);
    storages.push(storage);
    return placeIn(storage);
  });
  const carries = replaced.flatMap((pair, i) =>
    pair ? [{ operand: graph.outputs[i], ...pair }] : [],
  );
  const next = replaceAll(builder, carries);
  const places = others.map((place, i) => {
    if (place) return place;
    return placeIn(next[replaced.slice(0, i).filter(Boolean).length]);
  });
  return { storages: [...next, ...storages], places };
}

/** A result that no later write destroys. */
function keptResult(
  builder: FunctionBuilder,
  operand: Operand,
  overwritten: readonly Storage[],
): Place {
  const place = builder.contiguous(operand, name);
  if (!overwritten.includes(place.storage)) return place;
  const copy = builder.newStorage(operandBytes(operand), name);
  builder.copy(place, copy, name, false);
  return placeIn(copy);
}

function parameterOutput(builder: FunctionBuilder, operand: Operand, index: number): Storage {
  const storage = builder.newStorage(operandBytes(operand), name, {
    kind: "parameter",
    index,
    donated: false,
  });
  copyResult(builder, operand, storage);
  return storage;
}

function copyResult(builder: FunctionBuilder, operand: Operand, storage: Storage): void {
  if (operand.kind === "view" && isContiguous(operand.view)) {
    builder.copy(builder.contiguous(operand, name), storage, name, true);
  } else {
    builder.copyInto(operand, storage, name);
  }
}

/** The next carries replace the carries. */
function lowerLoopOutputs(
  builder: FunctionBuilder,
  graph: Graph,
  inputs: readonly Storage[],
  { constants, carries }: { readonly constants: number; readonly carries: number },
): readonly Storage[] {
  const old = inputs.slice(constants, constants + carries);
  const ys = graph.outputs
    .slice(carries)
    .map((operand, i) => parameterOutput(builder, operand, inputs.length + i));
  const next = replaceAll(
    builder,
    old.map((storage, i) => ({
      operand: graph.outputs[i],
      input: graph.inputs[constants + i],
      old: storage,
    })),
  );
  return [...next, ...ys];
}

/** What takes the place of an input: a loop's next carry, or a result. */
interface Replacement {
  readonly operand: Operand;
  readonly input: Value;
  readonly old: Storage;
}

/**
 * All at once: first everything that reads one of them, those that are old ones into temporaries, then the writes.
 */
function replaceAll(
  builder: FunctionBuilder,
  replacements: readonly Replacement[],
): readonly Storage[] {
  const all = replacements.map(({ old }) => old);
  const sources = replacements.map(({ operand, input }) => {
    const unchanged = operand.kind === "view" && operand.value === input && isWhole(operand);
    return unchanged ? undefined : carrySource(builder, operand, all);
  });
  return sources.map((source, i) => {
    const { bytes, home } = all[i];
    const storage = builder.newStorage(bytes, "carry", home, all[i]);
    if (source) writeCarry(builder, source, storage);
    return storage;
  });
}

type CarrySource = Operand | Place;

/** Where a new carry lies outside of the carries, or the number that fills it. */
function carrySource(
  builder: FunctionBuilder,
  operand: Operand,
  old: readonly Storage[],
): CarrySource {
  if (operand.kind === "uniform") return operand;
  const place = builder.contiguous(operand, name);
  if (!old.includes(place.storage)) return place;
  const temporary = builder.newStorage(operandBytes(operand), "carry");
  builder.copy(place, temporary, "carry", false);
  return placeIn(temporary);
}

function writeCarry(builder: FunctionBuilder, source: CarrySource, storage: Storage): void {
  if ("storage" in source) builder.copy(source, storage, "carry", true);
  else builder.copyInto(source, storage, "carry");
}
