import type { CompiledFunction } from "./compiled-function.ts";
import { qualified, type FunctionBuilder } from "./function-builder.ts";
import { calleesOf } from "./planned-function.ts";
import type { Interval } from "./liveness.ts";
import type { Callee, ControlBody, DraftStep, LinkedBody, Step } from "./step.ts";
import { isReusable, placeIn, type Storage } from "./storage.ts";

/**
 * Compiles the callees of all steps, now that it is known which operands die where: those are the
 * callee's to overwrite.
 */
export function linkSteps(
  builder: FunctionBuilder,
  intervals: readonly Interval[],
): readonly Step[] {
  const { inPlace, smallestDonation } = builder.context.flags;
  return builder.steps.map((draft, index) => {
    const { body, inputs, ...moment } = draft;
    if (body.kind === "kernels" || body.kind === "host") return { ...moment, body, overwrites: [] };
    const dying = draft.reads.map(
      ({ storage }, read) =>
        inPlace &&
        inputs[read] >= 0 &&
        storage.bytes >= smallestDonation &&
        dies(draft, read, index, intervals),
    );
    return link(builder, draft, body, dying);
  });
}

/** The operand is a whole storage that nobody reads later, nor the same step a second time. */
function dies(
  { reads }: DraftStep,
  read: number,
  index: number,
  intervals: readonly Interval[],
): boolean {
  const { storage, offset } = reads[read];
  return (
    offset === 0 &&
    isReusable(storage) &&
    intervals[storage.id].end === index &&
    reads.filter((other) => other.storage === storage).length === 1
  );
}

function link(
  builder: FunctionBuilder,
  draft: DraftStep,
  body: ControlBody<Callee>,
  dying: readonly boolean[],
): Step {
  const donated: boolean[] = [];
  draft.inputs.forEach((input, read) => {
    if (input >= 0) donated[input] = dying[read];
  });
  const compile = ({ program, form, name }: Callee): CompiledFunction => {
    const mask = program.inputs.map((_, i) => donated[i] ?? false);
    const entered = form.kind === "main" ? form : { ...form, donated: mask };
    return builder.context.functionOf(program, entered, qualified(builder.within, name));
  };
  const linked = linkBody(body, compile);
  const callees = calleesOf(linked);
  const largest = Math.max(0, ...callees.map(({ frameBytes }) => frameBytes));
  const frame = builder.newStorage(largest, `${draft.name} frame`);
  const { inputs: _inputs, ...moment } = draft;
  const runs = linked.kind === "scan" ? linked.iterations : 1;
  const counted = linked.kind === "cond" ? callees.slice(0, 1) : callees;
  return {
    ...moment,
    body: { ...linked, frame: placeIn(frame) },
    temporaries: [...draft.temporaries, frame],
    share: sharedPairs(draft, linked, callees),
    overwrites: draft.reads.flatMap(({ storage }, read): readonly Storage[] =>
      dying[read] ? [storage] : [],
    ),
    flops: runs * counted.reduce((sum, { flops }) => sum + flops, 0),
    bytes: runs * counted.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function linkBody(
  body: ControlBody<Callee>,
  compile: (callee: Callee) => CompiledFunction,
): ControlBody<CompiledFunction> {
  switch (body.kind) {
    case "call":
    case "scan":
      return { ...body, callee: compile(body.callee) };
    case "cond":
      return { ...body, branches: body.branches.map(compile) };
    case "while":
      return { ...body, condition: compile(body.condition), callee: compile(body.callee) };
    default:
      return body satisfies never;
  }
}

/** Pairs of operands and results that every callee can work on in one storage. */
function sharedPairs(
  draft: DraftStep,
  body: ControlBody<CompiledFunction>,
  callees: readonly CompiledFunction[],
): Step["share"] {
  if (body.kind === "while") return [];
  const reads = new Map(draft.inputs.map((input, read) => [input, read] as const));
  const [first, ...others] = callees;
  return first.aliasable.flatMap(([input, output]) => {
    const read = reads.get(input);
    const everywhere = others.every(({ aliasable }) =>
      aliasable.some(([i, o]) => i === input && o === output),
    );
    return read !== undefined && input >= 0 && everywhere ? [[read, output] as const] : [];
  });
}

export const isLinkedControl = (body: Step["body"]): body is LinkedBody =>
  body.kind !== "kernels" && body.kind !== "host";
