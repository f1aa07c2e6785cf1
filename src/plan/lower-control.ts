import { sizeOf } from "../core/shape.ts";
import type { Program } from "../ir/program.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Node, Operand } from "./graph.ts";
import { lowerHost } from "./lower-kernel.ts";
import type { LoopArgument, Step, StepBody } from "./step.ts";
import { placeIn, type Place, type Storage } from "./storage.ts";
import { isContiguous } from "./view.ts";

/** Calls, loops, branches and host effects. */
export function lowerControl(
  builder: FunctionBuilder,
  node: Node,
  form: "call" | "scan" | "cond" | "while" | "host",
): void {
  switch (form) {
    case "call":
      return lowerCall(builder, node);
    case "scan":
      return lowerScan(builder, node);
    case "cond":
      return lowerCond(builder, node);
    case "while":
      return lowerWhile(builder, node);
    case "host":
      return lowerHost(builder, node);
    default:
      return form satisfies never;
  }
}

function lowerCall(builder: FunctionBuilder, node: Node): void {
  const { program } = node.equation.params as { readonly program: Program };
  const callee = builder.context.functionOf(program, { kind: "plain" }, node.name);
  const inputs = usedPlaces(builder, node, node.operands, callee.inputUsed);
  const outputs = node.results.map((value) => builder.storageFor(value));
  const frame = frameOf(builder, node, [callee]);
  emitControl(builder, node, {
    body: {
      kind: "call",
      callee,
      frame: placeIn(frame),
      arguments: [
        ...inputs.map((place) => place ?? placeIn(frame)),
        ...outputs.map((s) => placeIn(s)),
      ],
    },
    inputs,
    writes: outputs,
    frame,
    pairs: callee.aliasable,
    runs: 1,
    callees: [callee],
  });
}

function lowerCond(builder: FunctionBuilder, node: Node): void {
  const { branches } = node.equation.params as { readonly branches: readonly Program[] };
  const callees = branches.map((program, i) =>
    builder.context.functionOf(program, { kind: "plain" }, `${node.name}/branch${i}`),
  );
  const index = builder.contiguous(node.operands[0], node.name);
  const operands = node.operands.slice(1);
  const used = operands.map((_, i) => callees.some((callee) => callee.inputUsed[i]));
  const inputs = usedPlaces(builder, node, operands, used);
  const outputs = node.results.map((value) => builder.storageFor(value));
  const frame = frameOf(builder, node, callees);
  const pairs = callees[0].aliasable.filter(([i, o]) =>
    callees.every((callee) => callee.aliasable.some(([j, p]) => i === j && o === p)),
  );
  emitControl(builder, node, {
    body: {
      kind: "cond",
      index,
      branches: callees,
      frame: placeIn(frame),
      arguments: [
        ...inputs.map((place) => place ?? placeIn(frame)),
        ...outputs.map((s) => placeIn(s)),
      ],
    },
    inputs,
    extraReads: [index],
    writes: outputs,
    frame,
    pairs,
    runs: 1,
    callees: callees.slice(0, 1),
  });
}

interface ScanParams {
  readonly body: Program;
  readonly length: number;
  readonly reverse: boolean;
  readonly numConsts: number;
  readonly numCarry: number;
}

function lowerScan(builder: FunctionBuilder, node: Node): void {
  const { body, length, reverse, numConsts, numCarry } = node.equation.params as ScanParams;
  const callee = builder.context.functionOf(
    body,
    { kind: "loop", constants: numConsts, carries: numCarry },
    node.name,
  );
  const firstX = numConsts + numCarry;
  const consts = usedPlaces(builder, node, node.operands.slice(0, numConsts), callee.inputUsed);
  const carries = bindCarries(builder, node, node.operands.slice(numConsts, firstX));
  const xs = node.operands
    .slice(firstX)
    .map((operand, i) =>
      callee.inputUsed[firstX + i] ? slicedPlace(builder, node, operand) : undefined,
    );
  const ys = node.results.slice(numCarry).map((value) => builder.storageFor(value));
  if (length === 0) return;
  const frame = frameOf(builder, node, [callee]);
  const fixed = (place: Place | undefined): LoopArgument => ({
    place: place ?? placeIn(frame),
    stride: 0,
  });
  const moving = ({ place, stride }: LoopArgument): LoopArgument =>
    reverse
      ? { place: placeIn(place.storage, place.offset + (length - 1) * stride), stride: -stride }
      : { place, stride };
  const yArguments = ys.map((storage) => ({
    place: placeIn(storage),
    stride: storage.words / length,
  }));
  emitControl(builder, node, {
    body: {
      kind: "scan",
      callee,
      frame: placeIn(frame),
      iterations: length,
      arguments: [
        ...consts.map(fixed),
        ...carries.map((storage) => fixed(placeIn(storage))),
        ...xs.map((x) => (x ? moving(x) : fixed(undefined))),
        ...yArguments.map(moving),
      ],
    },
    inputs: [...consts, ...carries.map((storage) => placeIn(storage)), ...xs.map((x) => x?.place)],
    writes: [...ys, ...carries],
    frame,
    // Iteration by iteration, so only where both move alike.
    pairs: callee.aliasable.filter(
      ([i, y]) => i >= firstX && xs[i - firstX]?.stride === yArguments[y].stride,
    ),
    runs: length,
    callees: [callee],
  });
}

interface WhileParams {
  readonly condition: Program;
  readonly body: Program;
  readonly numConditionConsts: number;
  readonly numBodyConsts: number;
}

function lowerWhile(builder: FunctionBuilder, node: Node): void {
  const { condition, body, numConditionConsts, numBodyConsts } = node.equation
    .params as WhileParams;
  const { context } = builder;
  const firstCarry = numConditionConsts + numBodyConsts;
  const initial = node.operands.slice(firstCarry);
  const test = context.functionOf(condition, { kind: "plain" }, `${node.name}/condition`);
  const form = { kind: "loop", constants: numBodyConsts, carries: initial.length } as const;
  const callee = context.functionOf(body, form, node.name);
  const conditionConsts = usedPlaces(
    builder,
    node,
    node.operands.slice(0, numConditionConsts),
    test.inputUsed,
  );
  const bodyConsts = usedPlaces(
    builder,
    node,
    node.operands.slice(numConditionConsts, firstCarry),
    callee.inputUsed,
  );
  const carries = bindCarries(builder, node, initial);
  const predicate = builder.newStorage(1, `${node.name} predicate`);
  const frame = frameOf(builder, node, [test, callee]);
  const carryPlaces = carries.map((storage) => placeIn(storage));
  const orFrame = (place: Place | undefined): Place => place ?? placeIn(frame);
  emitControl(builder, node, {
    body: {
      kind: "while",
      condition: test,
      callee,
      frame: placeIn(frame),
      predicate: placeIn(predicate),
      conditionArguments: [...conditionConsts.map(orFrame), ...carryPlaces, placeIn(predicate)],
      arguments: [...bodyConsts.map(orFrame), ...carryPlaces],
    },
    inputs: [...conditionConsts, ...bodyConsts, ...carryPlaces],
    writes: carries,
    frame,
    extraTemporaries: [predicate],
    pairs: [],
    runs: 1,
    callees: [test, callee],
  });
}

/** The results' storages, holding the initial carries: loops update them in place. */
function bindCarries(
  builder: FunctionBuilder,
  node: Node,
  initial: readonly Operand[],
): readonly Storage[] {
  return initial.map((operand, i) => {
    const place =
      operand.kind === "view" && !isContiguous(operand.view)
        ? undefined
        : operand.kind === "view"
          ? builder.contiguous(operand, node.name)
          : undefined;
    const storage = builder.storageFor(node.results[i]);
    if (place) builder.copyWords(place, storage, `${node.name} carry`, false);
    else builder.copyInto(operand, storage, `${node.name} carry`);
    return storage;
  });
}

/** Where slice 0 along the leading axis lies, and the words from one slice to the next. */
function slicedPlace(builder: FunctionBuilder, node: Node, operand: Operand): LoopArgument {
  if (operand.kind === "uniform") {
    const inner = { ...operand, shape: operand.shape.slice(1) };
    return { place: builder.contiguous(inner, node.name), stride: 0 };
  }
  const { shape, strides } = operand.view;
  const inner = { shape: shape.slice(1), strides: strides.slice(1), offset: 0 };
  if (isContiguous(inner)) {
    const { place } = builder.strided(operand, node.name);
    return { place, stride: shape[0] === 1 ? sizeOf(inner.shape) : strides[0] };
  }
  return { place: builder.contiguous(operand, node.name), stride: sizeOf(inner.shape) };
}

/** Places of the operands that the callee reads. */
const usedPlaces = (
  builder: FunctionBuilder,
  node: Node,
  operands: readonly Operand[],
  used: readonly boolean[],
): readonly (Place | undefined)[] =>
  operands.map((operand, i) => (used[i] ? builder.contiguous(operand, node.name) : undefined));

/** Memory for the callees' locals. */
const frameOf = (
  builder: FunctionBuilder,
  node: Node,
  callees: readonly CompiledFunction[],
): Storage =>
  builder.newStorage(
    Math.max(0, ...callees.map((callee) => callee.frameBytes)) / 4,
    `${node.name} frame`,
  );

interface ControlStep {
  readonly body: StepBody;
  /** By the callee's inputs; undefined: not read. */
  readonly inputs: readonly (Place | undefined)[];
  readonly extraReads?: readonly Place[];
  readonly writes: readonly Storage[];
  readonly frame: Storage;
  readonly extraTemporaries?: readonly Storage[];
  /** [input, output] that may be one storage. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly runs: number;
  readonly callees: readonly CompiledFunction[];
}

function emitControl(builder: FunctionBuilder, node: Node, control: ControlStep): void {
  const { body, inputs, writes, frame, pairs, runs, callees } = control;
  const positions = new Map<number, number>();
  const reads: Place[] = [];
  inputs.forEach((place, i) => {
    if (!place) return;
    positions.set(i, reads.length);
    reads.push(place);
  });
  const share: Step["share"] = pairs.flatMap(([input, output]) => {
    const position = positions.get(input);
    return position === undefined ? [] : [[position, output] as const];
  });
  const total = (measure: (callee: CompiledFunction) => number): number =>
    runs * callees.reduce((sum, callee) => sum + measure(callee), 0);
  builder.emit(
    {
      name: node.name,
      body,
      reads: [...reads, ...(control.extraReads ?? [])],
      writes,
      temporaries: [frame, ...(control.extraTemporaries ?? [])],
      share,
      isCopy: false,
      flops: total((callee) => callee.flops),
      bytes: total((callee) => callee.bytes),
    },
    node.effect || writes.length === 0,
  );
}
