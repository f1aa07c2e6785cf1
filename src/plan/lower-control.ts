import { bytesPerElement } from "../core/dtype.ts";
import { sizeOf } from "../core/shape.ts";
import type { CallForm, CondForm, Control, ScanForm, WhileForm } from "../ir/control.ts";
import type { FunctionForm } from "./context.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Node, Operand } from "./graph.ts";
import { lowerHost } from "./lower-kernel.ts";
import type { Callee, ControlBody, LoopArgument } from "./step.ts";
import { placeIn, type Place, type Storage } from "./storage.ts";
import { isContiguous } from "./view.ts";

const plain: FunctionForm = { kind: "plain", donated: [] };

/** Calls, loops, branches and host effects. */
export function lowerControl(builder: FunctionBuilder, node: Node, control: Control): void {
  switch (control.form) {
    case "call":
      return lowerCall(builder, node, control.params);
    case "scan":
      return lowerScan(builder, node, control.params);
    case "cond":
      return lowerCond(builder, node, control.params);
    case "while":
      return lowerWhile(builder, node, control.params);
    case "host":
      return lowerHost(builder, node, control.params);
    default:
      return control satisfies never;
  }
}

function lowerCall(builder: FunctionBuilder, node: Node, { program }: CallForm): void {
  const inputs = contiguousPlaces(builder, node, node.operands);
  const outputs = node.results.map((value) => builder.storageFor(value));
  const callee = { program, form: plain, name: node.name };
  emitControl(builder, node, inputs, positions(inputs.length), outputs, {
    kind: "call",
    callee,
    arguments: [...inputs, ...outputs.map((storage) => placeIn(storage))],
  });
}

function lowerCond(builder: FunctionBuilder, node: Node, { branches }: CondForm): void {
  const [index, ...inputs] = contiguousPlaces(builder, node, node.operands);
  const outputs = node.results.map((value) => builder.storageFor(value));
  emitControl(builder, node, [index, ...inputs], [-1, ...positions(inputs.length)], outputs, {
    kind: "cond",
    index,
    branches: branches.map((program, i): Callee => ({
      program,
      form: plain,
      name: `${node.name}/branch${i}`,
    })),
    arguments: [...inputs, ...outputs.map((storage) => placeIn(storage))],
  });
}

function lowerScan(
  builder: FunctionBuilder,
  node: Node,
  { body, length, reverse, numConsts, numCarry }: ScanForm,
): void {
  const firstX = numConsts + numCarry;
  const carries = bindCarries(builder, node, node.operands.slice(numConsts, firstX));
  const ys = node.results.slice(numCarry).map((value) => builder.storageFor(value));
  if (length === 0) return;
  const consts = contiguousPlaces(builder, node, node.operands.slice(0, numConsts));
  const xs = node.operands.slice(firstX).map((operand) => slicedPlace(builder, node, operand));
  const fixed = (place: Place): LoopArgument => ({ place, stride: 0 });
  const moving = ({ place, stride }: LoopArgument): LoopArgument =>
    reverse
      ? {
          place: placeIn(place.storage, place.offset + (length - 1) * stride),
          stride: -stride,
        }
      : { place, stride };
  const stacked = (storage: Storage): LoopArgument => ({
    place: placeIn(storage),
    stride: storage.bytes / length,
  });
  const form: FunctionForm = { kind: "loop", constants: numConsts, carries: numCarry, donated: [] };
  const carryPlaces = carries.map((storage) => placeIn(storage));
  // Slices may be overwritten only where every iteration has its own.
  const xPositions = xs.map(({ place, stride }, i) =>
    place.offset === 0 && stride * length === place.storage.bytes ? firstX + i : -1,
  );
  emitControl(
    builder,
    node,
    [...consts, ...carryPlaces, ...xs.map(({ place }) => place)],
    [...consts.map(() => -1), ...carries.map(() => -1), ...xPositions],
    [...ys, ...carries],
    {
      kind: "scan",
      callee: { program: body, form, name: node.name },
      iterations: length,
      arguments: [
        ...consts.map(fixed),
        ...carryPlaces.map(fixed),
        ...xs.map(moving),
        ...ys.map((storage) => moving(stacked(storage))),
      ],
    },
  );
}

function lowerWhile(
  builder: FunctionBuilder,
  node: Node,
  { condition, body, numConditionConsts, numBodyConsts }: WhileForm,
): void {
  const firstCarry = numConditionConsts + numBodyConsts;
  const carries = bindCarries(builder, node, node.operands.slice(firstCarry));
  const consts = contiguousPlaces(builder, node, node.operands.slice(0, firstCarry));
  const predicate = builder.newStorage(bytesPerElement("bool"), `${node.name} predicate`);
  const carryPlaces = carries.map((storage) => placeIn(storage));
  const form: FunctionForm = {
    kind: "loop",
    constants: numBodyConsts,
    carries: carries.length,
    donated: [],
  };
  const reads = [...consts, ...carryPlaces];
  emitControl(
    builder,
    node,
    reads,
    reads.map(() => -1),
    carries,
    {
      kind: "while",
      condition: { program: condition, form: plain, name: `${node.name}/condition` },
      callee: { program: body, form, name: node.name },
      predicate: placeIn(predicate),
      conditionArguments: [
        ...consts.slice(0, numConditionConsts),
        ...carryPlaces,
        placeIn(predicate),
      ],
      arguments: [...consts.slice(numConditionConsts), ...carryPlaces],
    },
    [predicate],
  );
}

/** The results' storages, holding the initial carries: loops update them in place. */
function bindCarries(
  builder: FunctionBuilder,
  node: Node,
  initial: readonly Operand[],
): readonly Storage[] {
  const name = `${node.name} carry`;
  return initial.map((operand, i) => {
    const storage = builder.storageFor(node.results[i]);
    if (operand.kind === "view" && isContiguous(operand.view)) {
      builder.copy(builder.contiguous(operand, name), storage, name, false);
    } else {
      builder.copyInto(operand, storage, name);
    }
    return storage;
  });
}

/** Where slice 0 along the leading axis lies, and the bytes from one slice to the next. */
function slicedPlace(builder: FunctionBuilder, node: Node, operand: Operand): LoopArgument {
  if (operand.kind === "uniform") {
    const inner = { ...operand, shape: operand.shape.slice(1) };
    return { place: builder.contiguous(inner, node.name), stride: 0 };
  }
  const { shape, strides } = operand.view;
  const inner = { shape: shape.slice(1), strides: strides.slice(1), offset: 0 };
  const bytes = bytesPerElement(operand.type);
  const sliceBytes = sizeOf(inner.shape) * bytes;
  if (isContiguous(inner)) {
    const { place } = builder.strided(operand, node.name);
    return { place, stride: shape[0] === 1 ? sliceBytes : strides[0] * bytes };
  }
  return { place: builder.contiguous(operand, node.name), stride: sliceBytes };
}

const contiguousPlaces = (
  builder: FunctionBuilder,
  node: Node,
  operands: readonly Operand[],
): readonly Place[] => operands.map((operand) => builder.contiguous(operand, node.name));

const positions = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

function emitControl(
  builder: FunctionBuilder,
  node: Node,
  reads: readonly Place[],
  inputs: readonly number[],
  writes: readonly Storage[],
  body: ControlBody<Callee>,
  temporaries: readonly Storage[] = [],
): void {
  const step = {
    name: node.name,
    body,
    reads,
    writes,
    temporaries,
    inputs,
    share: [],
    isCopy: false,
    flops: 0,
    bytes: 0,
  };
  builder.emit(step, node.effect || writes.length === 0);
}
