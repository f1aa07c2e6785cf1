import { sizeOf } from "../core/shape.ts";
import type { Program } from "../ir/program.ts";
import { coalesce, aliasablePairs } from "./coalesce.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import type { FunctionForm, PlanContext } from "./context.ts";
import { Encoder, type Locate } from "./encode.ts";
import { FunctionBuilder } from "./function-builder.ts";
import { buildGraph } from "./build-graph.ts";
import type { Value } from "./graph.ts";
import { Groups, liveIntervals } from "./liveness.ts";
import { lowerGraph } from "./lower.ts";
import { base } from "./opcodes.ts";
import { lowerOutputs } from "./outputs.ts";
import { placeBlocks } from "./placement.ts";
import { largestValues, liveBytesOf, tableWordsOf } from "./statistics.ts";
import { placeIn, type Home, type Place, type Storage } from "./storage.ts";

/** A compiled function with where the main program's inputs and outputs lie. */
export interface CompiledProgram {
  readonly compiled: CompiledFunction;
  readonly inputs: readonly (PlacedWords | undefined)[];
  readonly outputs: readonly PlacedWords[];
}

export interface PlacedWords {
  readonly base: number;
  readonly offset: number;
}

/** Appends the steps of a (prepared) program to the context's code. */
export function compileFunction(
  context: PlanContext,
  program: Program,
  form: FunctionForm,
  name: string,
): CompiledProgram {
  const graph = buildGraph(program, context.flags);
  const builder = new FunctionBuilder(context);
  const inputs = graph.inputs.map((value, i) => inputStorage(builder, value, form, i));
  lowerGraph(builder, graph);
  const outputs = lowerOutputs(builder, graph, inputs, form);

  const { steps, storages } = builder;
  const used = readInputs(builder, inputs, outputs.places);
  const liveInputs = inputs.filter((_, i) => used[i]);
  const intervals = liveIntervals(storages, steps, liveInputs, [
    ...outputs.storages,
    ...outputs.places.map(({ storage }) => storage),
  ]);
  const groups = new Groups(storages, intervals);
  if (context.flags.inPlace) coalesce(steps, groups);

  const locals = groups
    .roots()
    .filter(
      (storage) => storage.home.kind === "frame" && groups.intervalOf(storage).start < Infinity,
    );
  const blocks = locals.map((storage) => ({
    bytes: storage.words * 4,
    ...groups.intervalOf(storage),
  }));
  const { offsets, total, bound } = placeBlocks(blocks);
  const offsetOf = new Map(locals.map((storage, i) => [storage, offsets[i]] as const));
  const locate: Locate = (storage) => {
    const root = groups.rootOf(storage);
    const { home } = root;
    if (home.kind === "constant") return { base: base.constants, offset: home.word * 4 };
    if (home.kind === "parameter") return { base: base.firstParameter + home.index, offset: 0 };
    return { base: base.frame, offset: offsetOf.get(root) ?? 0 };
  };

  const start = context.code.length;
  const encoder = new Encoder(context, locate);
  const { poison } = context.flags;
  if (poison && form.kind !== "main") encoder.poison(0, total / 4);
  steps.forEach((step, index) => {
    encoder.step(step);
    if (!poison) return;
    locals.forEach((storage, i) => {
      if (groups.intervalOf(storage).end === index) encoder.poison(offsets[i], storage.words);
    });
  });
  encoder.end();

  const parameters =
    form.kind === "main" ? 0 : inputs.length + outputs.storages.length - carriesOf(form);
  const compiled: CompiledFunction = {
    name,
    start,
    parameters,
    frameBytes: total,
    liveBytes: liveBytesOf(steps, locals, blocks, bound),
    tableWords: tableWordsOf(steps, parameters),
    steps: encoder.infos,
    flops: steps.reduce((sum, step) => sum + step.flops, 0),
    bytes: steps.reduce((sum, step) => sum + step.bytes, 0),
    // For reports only: not worth the time of every compilation.
    get largest() {
      return largestValues(steps, locals, blocks, groups);
    },
    inputUsed: used,
    aliasable: aliasablePairs(
      steps,
      groups,
      inputs.map((storage, i) => (used[i] ? storage : undefined)),
      form.kind === "loop" ? outputs.storages.slice(form.carries) : outputs.storages,
    ),
  };
  return {
    compiled,
    inputs: inputs.map((storage, i) => (used[i] ? locate(storage) : undefined)),
    outputs: outputs.places.map((place) => {
      const { base, offset } = locate(place.storage);
      return { base, offset: offset + place.offset * 4 };
    }),
  };
}

function inputStorage(
  builder: FunctionBuilder,
  value: Value,
  form: FunctionForm,
  index: number,
): Storage {
  const home: Home = form.kind === "main" ? { kind: "frame" } : { kind: "parameter", index };
  const storage = builder.newStorage(sizeOf(value.aval.shape), value.name, home);
  builder.bind(value, placeIn(storage));
  return storage;
}

/** Which inputs a step reads or the program returns. */
function readInputs(
  { steps }: FunctionBuilder,
  inputs: readonly Storage[],
  results: readonly Place[],
): readonly boolean[] {
  const read = new Set(
    [...results, ...steps.flatMap((step) => step.reads)].map(({ storage }) => storage),
  );
  return inputs.map((storage) => read.has(storage));
}

const carriesOf = (form: FunctionForm): number => (form.kind === "loop" ? form.carries : 0);
