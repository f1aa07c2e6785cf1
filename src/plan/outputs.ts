import type { FunctionForm } from "./context.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { operandBytes, type Graph, type Operand } from "./graph.ts";
import { isWhole } from "./fusion.ts";
import { placeIn, type Place, type Storage } from "./storage.ts";
import { isContiguous } from "./view.ts";

/** Where a function's results go. */
export interface FunctionOutputs {
  /** Storages of the caller, in the order of the outputs; of the main function only those of results that lie outside. */
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
      return lowerResults(builder, graph, form);
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
  { outside }: Extract<FunctionForm, { readonly kind: "main" }>,
): FunctionOutputs {
  const storages: Storage[] = [];
  const firstResult = outside?.inputs.filter(Boolean).length ?? 0;
  const places = graph.outputs.map((operand, i) => {
    if (!outside?.outputs[i]) return builder.contiguous(operand, name);
    const storage = parameterOutput(builder, operand, firstResult + storages.length);
    storages.push(storage);
    return placeIn(storage);
  });
  return { storages, places };
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

/**
 * The next carries replace the carries, all at once: first everything that reads a carry, new
 * carries that are old ones into temporaries, then the writes.
 */
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
  const sources = graph.outputs.slice(0, carries).map((operand, i) => {
    const unchanged =
      operand.kind === "view" && operand.value === graph.inputs[constants + i] && isWhole(operand);
    return unchanged ? undefined : carrySource(builder, operand, old);
  });
  const next = sources.map((source, i) => {
    const { bytes, home } = old[i];
    const storage = builder.newStorage(bytes, "carry", home, old[i]);
    if (source) writeCarry(builder, source, storage);
    return storage;
  });
  return [...next, ...ys];
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
