import type { Lanes, WideLanes } from "../../core/scalar-math/index.ts";
import {
  resultKinds,
  wideResultKinds,
  type LaneKind,
  type LaneOp,
  type WideLaneOp,
} from "./lane-kinds.ts";
import { numberKey, sharedNodes } from "./shared-nodes.ts";

/** One value of a recorded formula; `Op` is what its machine can do. */
export type LaneNode<Op extends string = LaneOp> =
  | LaneLeaf
  | {
      readonly id: number;
      readonly op: Op;
      readonly kind: LaneKind;
      /** Recorded earlier: their numbers are smaller. */
      readonly operands: readonly LaneNode<Op>[];
      /** The count of a shift by a constant. */
      readonly value: number | undefined;
    };

/** A constant, or the input of number `value`. */
export interface LaneLeaf {
  readonly id: number;
  readonly op: "f32" | "i32" | "f64" | "input";
  readonly kind: LaneKind;
  readonly operands: readonly [];
  readonly value: number;
}

export type WideLaneNode = LaneNode<LaneOp | WideLaneOp>;

/** A way to see what a formula does: lanes whose values are nodes of one graph, in which equal computations are one. */
export interface Recorder<L, N> {
  readonly lanes: L;
  readonly input: (kind: "F" | "I", index: number) => N;
}

/** Records formulas for machines without f64. */
export function createRecorder(): Recorder<Lanes<LaneNode, LaneNode, LaneNode>, LaneNode> {
  const graph = recordedGraph<LaneOp>();
  return { lanes: narrowLanes(graph), input: inputOf(graph) };
}

/** Records formulas for machines that have f64. */
export function createWideRecorder(): Recorder<
  WideLanes<WideLaneNode, WideLaneNode, WideLaneNode, WideLaneNode>,
  WideLaneNode
> {
  const graph = recordedGraph<LaneOp | WideLaneOp>();
  const f64 = (value: number): WideLaneNode => graph.leaf("f64", "D", value);
  const wide = operations(wideResultKinds, graph);
  return { lanes: { ...narrowLanes(graph), ...wide, f64 }, input: inputOf(graph) };
}

/** The nodes that the results need, operands before what uses them. */
export function neededNodes<Op extends string>(
  results: readonly LaneNode<Op>[],
): readonly LaneNode<Op>[] {
  const needed = new Set(results);
  // A set is walked in the order of additions, and what is added meanwhile is walked too.
  for (const node of needed) for (const operand of node.operands) needed.add(operand);
  return [...needed].sort((a, b) => a.id - b.id);
}

interface RecordedGraph<Op extends string> {
  readonly leaf: (op: LaneLeaf["op"], kind: LaneKind, value: number) => LaneNode<Op>;
  readonly apply: (
    op: Op,
    kind: LaneKind,
    operands: readonly LaneNode<Op>[],
    value: number | undefined,
  ) => LaneNode<Op>;
}

function recordedGraph<Op extends string>(): RecordedGraph<Op> {
  const { place } = sharedNodes<LaneNode<Op>>();
  return {
    leaf: (op, kind, value) =>
      place(`${op} ${kind} ${numberKey(value)}`, (id) => ({ id, op, kind, operands: [], value })),
    apply: (op, kind, operands, value) => {
      const key = `${op} ${operands.map(({ id }) => id).join(" ")} ${value}`;
      return place(key, (id) => ({ id, op, kind, operands, value }));
    },
  };
}

const narrowLanes = <Op extends string>(
  graph: RecordedGraph<Op | LaneOp>,
): Lanes<LaneNode<Op | LaneOp>, LaneNode<Op | LaneOp>, LaneNode<Op | LaneOp>> => ({
  ...operations(resultKinds, graph),
  f32: (value) => graph.leaf("f32", "F", Math.fround(value)),
  i32: (value) => graph.leaf("i32", "I", value | 0),
});

const inputOf =
  <Op extends string>({ leaf }: RecordedGraph<Op>) =>
  (kind: "F" | "I", index: number): LaneNode<Op> =>
    leaf("input", kind, index);

/** Takes nodes, and the count of a shift. */
type Operation<Op extends string> = (...given: readonly (LaneNode<Op> | number)[]) => LaneNode<Op>;

function operations<Name extends Op, Op extends string>(
  kinds: Readonly<Record<Name, LaneKind>>,
  { apply }: RecordedGraph<Op>,
): Readonly<Record<Name, Operation<Op>>> {
  const recording =
    (op: Name): Operation<Op> =>
    (...given) =>
      apply(
        op,
        kinds[op],
        given.filter((operand) => typeof operand !== "number"),
        given.find((operand) => typeof operand === "number"),
      );
  const names = Object.keys(kinds) as Name[];
  return Object.fromEntries(names.map((op) => [op, recording(op)])) as Record<Name, Operation<Op>>;
}
