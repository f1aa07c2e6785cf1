import { bytesOf } from "../core/aval.ts";
import type { Program } from "../ir/program.ts";
import { buildGraph } from "./build-graph.ts";
import { aliasablePairs, coalesce } from "./coalesce.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import type { FunctionForm, PlanContext } from "./context.ts";
import { FunctionBuilder } from "./function-builder.ts";
import type { Graph, Operand, Value } from "./graph.ts";
import { linkSteps } from "./link.ts";
import { Groups, liveIntervals } from "./liveness.ts";
import { lowerGraph } from "./lower.ts";
import { lowerOutputs, type FunctionOutputs } from "./outputs.ts";
import { placeLocals, type PlacedLocals } from "./place-locals.ts";
import { StepPlacer } from "./place-steps.ts";
import type { Location, PlacedStep } from "./planned-function.ts";
import { hostBytesOf, largestValues, liveBytesOf } from "./statistics.ts";
import type { Step } from "./step.ts";
import { placeIn, type Home, type Place, type Storage } from "./storage.ts";

/** A compiled function with where the main program's inputs and outputs lie. */
export interface CompiledProgram {
  readonly compiled: CompiledFunction;
  readonly inputs: readonly (Location | undefined)[];
  readonly outputs: readonly Location[];
}

/** Compiles a (prepared) program. */
export function compileFunction(
  context: PlanContext,
  program: Program,
  form: FunctionForm,
  name: string,
): CompiledProgram {
  const graph = buildGraph(program, context.flags);
  const within = form.kind === "main" ? "" : name;
  const builder = new FunctionBuilder(context, within);
  const donated = donatedInputs(graph, form);
  const inputs = graph.inputs.map((value, i) => inputStorage(builder, value, form, donated, i));
  lowerGraph(builder, graph);
  const outputs = lowerOutputs(builder, graph, inputs, form);

  const read = readInputs(builder, inputs, outputs.places);
  const { steps, groups } = linkAndGroup(builder, read, outputs);
  const replacing = replacingOutputs(form);
  const parameters = { inputs: read, outputs: outputs.storages.slice(replacing) };
  if (context.flags.inPlace) coalesce(steps, groups, parameters);
  const placed = placeLocals(groups, context.target.alignment);
  const given = inputs.filter(({ home }) => home.kind === "parameter");
  const count = given.length + outputs.storages.length - replacing;
  const { locals, blocks, bound, total } = placed;
  const compiled: CompiledFunction = {
    name,
    parameters: count,
    frameBytes: total,
    liveBytes: liveBytesOf(steps, locals, blocks, bound),
    hostBytes: hostBytesOf(steps),
    steps: placeSteps(context, steps, placed, form, within),
    flops: steps.reduce((sum, { flops }) => sum + flops, 0),
    bytes: steps.reduce((sum, { bytes }) => sum + bytes, 0),
    // For reports only: not worth the time of every compilation.
    get largest() {
      return largestValues(within, steps, locals, blocks, groups);
    },
    aliasable: aliasablePairs(steps, groups, parameters),
  };
  return {
    compiled,
    inputs: read.map((storage) => storage && placed.locate(storage)),
    outputs: outputs.places.map(({ storage, offset }) => {
      const at = placed.locate(storage);
      return { ...at, offset: at.offset + offset };
    }),
  };
}

/**
 * Inputs whose memory a function may overwrite. A loop's carries are among them: the body replaces them anyway. What it
 * calls with one may therefore compute the next carry in its memory.
 */
function donatedInputs(graph: Graph, form: FunctionForm): readonly boolean[] {
  if (form.kind === "plain") return form.donated;
  const isReplaced = (i: number, result: Operand): boolean =>
    result.kind !== "view" || result.value !== graph.inputs[i];
  if (form.kind === "main") {
    const { replaces = [] } = form.outside ?? {};
    return graph.inputs.map((_, i) => {
      const result = replaces.indexOf(i);
      return result >= 0 && isReplaced(i, graph.outputs[result]);
    });
  }
  const { constants, carries, donated } = form;
  return graph.inputs.map((_, i) => {
    const result = i < constants ? undefined : graph.outputs[i - constants];
    const isCarry = result !== undefined && i < constants + carries;
    return isCarry ? isReplaced(i, result) : donated[i];
  });
}

function inputStorage(
  builder: FunctionBuilder,
  value: Value,
  form: FunctionForm,
  donated: readonly boolean[],
  index: number,
): Storage {
  const storage = builder.newStorage(bytesOf(value.aval), value.name, homeOf(form, donated, index));
  builder.bind(value, placeIn(storage));
  return storage;
}

function homeOf(form: FunctionForm, donated: readonly boolean[], index: number): Home {
  if (form.kind !== "main") return { kind: "parameter", index, donated: donated[index] };
  const outside = form.outside?.inputs ?? [];
  if (!outside[index]) return { kind: "frame" };
  const before = outside.slice(0, index).filter(Boolean).length;
  return { kind: "parameter", index: before, donated: donated[index] };
}

/** The inputs that a step reads or the program returns; undefined for the others. */
function readInputs(
  { steps }: FunctionBuilder,
  inputs: readonly Storage[],
  results: readonly Place[],
): readonly (Storage | undefined)[] {
  const read = new Set(results.map(({ storage }) => storage));
  for (const step of steps) for (const { storage } of step.reads) read.add(storage);
  return inputs.map((storage) => (read.has(storage) ? storage : undefined));
}

/** The steps with their callees, and every storage on its own with its live interval. */
function linkAndGroup(
  builder: FunctionBuilder,
  read: readonly (Storage | undefined)[],
  { storages: results, places }: FunctionOutputs,
): { readonly steps: readonly Step[]; readonly groups: Groups } {
  const live = {
    inputs: read.flatMap((storage) => storage ?? []),
    outputs: [...results, ...places.map(({ storage }) => storage)],
  };
  const drafts = builder.steps;
  const steps = linkSteps(builder, liveIntervals(builder.storages, drafts, live));
  const intervals = liveIntervals(builder.storages, steps, live);
  const overwritten = steps.flatMap(({ overwrites }) => overwrites);
  return { steps, groups: new Groups(builder.storages, intervals, overwritten) };
}

function placeSteps(
  context: PlanContext,
  steps: readonly Step[],
  placed: PlacedLocals,
  form: FunctionForm,
  within: string,
): readonly PlacedStep[] {
  const placer = new StepPlacer(context, placed, within);
  const { poison } = context.flags;
  if (poison && form.kind !== "main") placer.poison(0, placed.total);
  steps.forEach((step, index) => {
    placer.step(step);
    if (!poison) return;
    placed.blocks.forEach(({ end }, i) => {
      if (end === index) placer.poison(placed.offsets[i], placed.locals[i].bytes);
    });
  });
  return placer.steps;
}

/** How many results come first, each in an input's place. */
function replacingOutputs(form: FunctionForm): number {
  if (form.kind === "loop") return form.carries;
  if (form.kind === "plain") return 0;
  return form.outside?.replaces?.filter((input) => input !== undefined).length ?? 0;
}
