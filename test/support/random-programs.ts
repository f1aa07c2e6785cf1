/** Random programs over the primitives of plan-primitives.ts, control nested in any order. */
import fc from "fast-check";
import { avalOf } from "../../src/core/aval.ts";
import { wordsOf, type Words } from "../../src/core/dtype.ts";
import { sizeOf, stridesOf, type Shape } from "../../src/core/shape.ts";
import type { Params, Primitive } from "../../src/ir/primitive.ts";
import {
  newLiteral,
  newVar,
  type Atom,
  type Equation,
  type Program,
  type Var,
} from "../../src/ir/program.ts";
import * as ops from "./plan-primitives.ts";

export interface RandomProgram {
  readonly program: Program;
  readonly inputs: readonly Words[];
}

/** Programs with inputs of whole numbers. */
export const randomProgram = (options: {
  control: boolean;
  maxSize?: number;
}): fc.Arbitrary<RandomProgram> =>
  fc
    .record({ seed: fc.nat(0x7fffffff), steps: fc.integer({ min: 1, max: 24 }) })
    .map(({ seed, steps }) => generate(seed, steps, options.control ? 2 : 0, options.maxSize ?? 4));

/** A small linear congruential generator: the same program from the same seed. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x2545f491) >>> 0;
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 0x100000000) * n);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}

class Writer {
  readonly random: Random;
  readonly maxSize: number;
  readonly inputs: Var[] = [];
  readonly equations: Equation[] = [];
  readonly pool: Atom[] = [];

  constructor(random: Random, maxSize: number) {
    this.random = random;
    this.maxSize = maxSize;
  }

  input(shape: Shape): Var {
    const variable = newVar(avalOf("f32", shape));
    this.inputs.push(variable);
    this.pool.push(variable);
    return variable;
  }

  emit(primitive: Primitive, inputs: readonly Atom[], params: Params = {}): readonly Var[] {
    const outputs = primitive
      .abstractEval(
        inputs.map((atom) => atom.aval),
        params,
      )
      .map(newVar);
    this.equations.push({ primitive, inputs, outputs, params, scope: "" });
    return outputs;
  }

  emitControl(
    primitive: Primitive,
    inputs: readonly Atom[],
    params: Params,
    outputs: readonly Var[],
  ): void {
    this.equations.push({ primitive, inputs, outputs, params, scope: "" });
    for (const output of outputs) if (output.aval.dtype === "f32") this.pool.push(output);
  }

  shape(): Shape {
    const size = (): number =>
      this.random.below(24) === 0 ? 0 : 1 + this.random.below(this.maxSize);
    return Array.from({ length: this.random.below(4) }, size);
  }

  /** A view that takes elements of `x` into an array of the given shape. */
  view(x: Atom, shape: Shape, strides: readonly number[], offset = 0): Var {
    return this.emit(ops.rearrange, [x], { shape, view: { offset, strides } })[0];
  }

  /** Any value brought to the given shape. */
  fit(x: Atom, shape: Shape): Atom {
    const from = x.aval.shape;
    if (from.length === shape.length && from.every((n, axis) => n === shape[axis])) return x;
    if (sizeOf(from) === 0) return this.uniform(shape);
    if (sizeOf(from) === sizeOf(shape)) return this.view(x, shape, stridesOf(shape));
    if (sizeOf(from) > sizeOf(shape)) {
      const offset = this.random.below(sizeOf(from) - sizeOf(shape) + 1);
      return this.view(x, shape, stridesOf(shape), offset);
    }
    const flat = this.view(x, [sizeOf(from)], [1]);
    const single = this.view(flat, [], [], this.random.below(sizeOf(from)));
    return this.view(
      single,
      shape,
      shape.map(() => 0),
    );
  }

  uniform(shape: Shape): Atom {
    const literal = newLiteral(this.random.below(9) - 4, avalOf("f32", []));
    return shape.length === 0
      ? literal
      : this.emit(ops.rearrange, [literal], {
          shape,
          view: { offset: 0, strides: shape.map(() => 0) },
        })[0];
  }

  value(): Atom {
    const { random } = this;
    return this.pool.length === 0 || random.below(12) === 0
      ? this.uniform(this.shape())
      : random.pick(this.pool);
  }

  /** Sums leave the range in which f32 is exact: bring them back. */
  reduced(x: Atom): Var {
    return this.emit(ops.add, [x, this.uniform(x.aval.shape)])[0];
  }
}

export function generate(
  seed: number,
  steps: number,
  depth: number,
  maxSize: number,
): RandomProgram {
  const random = new Random(seed);
  const writer = new Writer(random, maxSize);
  const count = 1 + random.below(3);
  for (let i = 0; i < count; i++) writer.input(writer.shape());
  const program = fillProgram(writer, steps, depth);
  const inputs = program.inputs.map(({ aval }) => {
    const words = wordsOf(aval.dtype, new ArrayBuffer(4 * sizeOf(aval.shape)));
    return words.map(() => random.below(19) - 9);
  });
  return { program, inputs };
}

function fillProgram(writer: Writer, steps: number, depth: number): Program {
  for (let i = 0; i < steps; i++) step(writer, depth);
  const count = 1 + writer.random.below(3);
  const outputs = Array.from({ length: count }, () =>
    writer.random.below(10) === 0
      ? writer.uniform(writer.shape())
      : writer.random.pick(writer.pool),
  );
  return { inputs: writer.inputs, equations: writer.equations, outputs };
}

type Action = (writer: Writer, depth: number) => void;

const push = (writer: Writer, ...atoms: readonly Atom[]): void => void writer.pool.push(...atoms);

const actions: readonly Action[] = [
  (w) => push(w, ...w.emit(w.random.pick([ops.neg, ops.same]), [w.value()])),
  binary,
  binary,
  binary,
  (w) => {
    const x = w.value();
    const [which] = w.emit(ops.less, [x, w.fit(w.value(), x.aval.shape)]);
    push(w, ...w.emit(ops.select, [which, w.fit(w.value(), x.aval.shape), x]));
  },
  transpose,
  transpose,
  broadcast,
  sliceOrReverse,
  (w) => push(w, w.fit(w.value(), w.shape())),
  (w) => {
    const x = w.value();
    const axes = x.aval.shape.map((_, axis) => axis).filter(() => w.random.below(2) === 0);
    push(w, w.reduced(w.emit(ops.reduceSum, [x], { axes })[0]));
  },
  contraction,
  (w) => push(w, ...w.emit(ops.bump, [w.value()])),
  (w) => push(w, ...w.emit(ops.firstZeroed, [w.value()])),
];

const controls: readonly Action[] = [callTwice, loop, loop, branch, repeat];

function step(writer: Writer, depth: number): void {
  const { random } = writer;
  if (depth > 0 && random.below(5) === 0) random.pick(controls)(writer, depth - 1);
  else random.pick(actions)(writer, depth);
}

function binary(w: Writer): void {
  const x = w.value();
  const y = w.random.below(6) === 0 ? x : w.fit(w.value(), x.aval.shape);
  push(w, ...w.emit(w.random.pick([ops.add, ops.mul]), [x, y]));
}

function transpose(w: Writer): void {
  const x = w.value();
  const { shape } = x.aval;
  const order = shape.map((_, axis) => axis).sort(() => w.random.below(3) - 1);
  const strides = stridesOf(shape);
  push(
    w,
    w.view(
      x,
      order.map((axis) => shape[axis]),
      order.map((axis) => strides[axis]),
    ),
  );
}

function broadcast(w: Writer): void {
  const x = w.value();
  const strides = stridesOf(x.aval.shape);
  const at = w.random.below(x.aval.shape.length + 1);
  const insert = (list: readonly number[], item: number): number[] => [
    ...list.slice(0, at),
    item,
    ...list.slice(at),
  ];
  push(w, w.view(x, insert(x.aval.shape, 1 + w.random.below(w.maxSize)), insert(strides, 0)));
}

function sliceOrReverse(w: Writer): void {
  const x = w.value();
  const { shape } = x.aval;
  if (sizeOf(shape) === 0 || shape.length === 0) return;
  const rowMajor = stridesOf(shape);
  const axis = w.random.below(shape.length);
  const step = 1 + w.random.below(2);
  const start = w.random.below(shape[axis]);
  const length = Math.ceil((shape[axis] - start) / step);
  const backwards = w.random.below(2) === 0;
  const first = backwards ? start + (length - 1) * step : start;
  const strides = rowMajor.map((stride, i) =>
    i === axis ? stride * step * (backwards ? -1 : 1) : stride,
  );
  const result = shape.map((n, i) => (i === axis ? length : n));
  push(w, w.view(x, result, strides, first * rowMajor[axis]));
}

function contraction(w: Writer): void {
  const { random } = w;
  const x = w.value();
  const rank = x.aval.shape.length;
  const role = x.aval.shape.map(() => random.below(3));
  const batch = role.flatMap((r, axis) => (r === 0 ? [axis] : []));
  const contracted = role.flatMap((r, axis) => (r === 1 ? [axis] : []));
  const shared = [...batch, ...contracted].map((axis) => x.aval.shape[axis]);
  if (rank + shared.length > 6) return;
  const free = Array.from({ length: random.below(3) }, () => 1 + random.below(3));
  const axes = [...shared, ...free];
  const order = axes.map((_, axis) => axis).sort(() => random.below(3) - 1);
  const y = w.fit(
    w.value(),
    order.map((axis) => axes[axis]),
  );
  const spec = {
    lhsBatch: batch,
    lhsContract: contracted,
    rhsBatch: batch.map((_, i) => order.indexOf(i)),
    rhsContract: contracted.map((_, i) => order.indexOf(batch.length + i)),
  };
  push(w, w.reduced(w.emit(ops.contract, [x, y], spec)[0]));
}

/** Calls one program on several operands, twice. */
function callTwice(w: Writer, depth: number): void {
  const operands = Array.from({ length: 1 + w.random.below(3) }, () => w.value());
  const inner = subProgram(
    w,
    operands.map((atom) => atom.aval.shape),
    depth,
  );
  const results = (): Var[] => inner.outputs.map((atom) => newVar(atom.aval));
  w.emitControl(ops.call, operands, { program: inner }, results());
  const again = operands.map((atom) => w.fit(w.value(), atom.aval.shape));
  w.emitControl(ops.call, again, { program: inner }, results());
}

function subProgram(w: Writer, shapes: readonly Shape[], depth: number): Program {
  const inner = new Writer(w.random, w.maxSize);
  for (const shape of shapes) inner.input(shape);
  return fillProgram(inner, 1 + w.random.below(6), depth);
}

/** A program from operands of the given shapes to results of given shapes, and possibly more. */
function shapedProgram(
  w: Writer,
  shapes: readonly Shape[],
  results: readonly Shape[],
  depth: number,
): Program {
  const inner = new Writer(w.random, w.maxSize);
  for (const shape of shapes) inner.input(shape);
  const count = 1 + w.random.below(6);
  for (let i = 0; i < count; i++) step(inner, depth);
  const outputs = results.map((shape) => inner.fit(inner.value(), shape));
  return { inputs: inner.inputs, equations: inner.equations, outputs };
}

function loop(w: Writer, depth: number): void {
  const { random } = w;
  const length = random.below(8) === 0 ? 0 : 1 + random.below(3);
  const atoms = (n: number): Atom[] => Array.from({ length: n }, () => w.value());
  const consts = atoms(random.below(2));
  const carry = atoms(random.below(4));
  const slices = Array.from({ length: random.below(3) }, () => w.shape());
  const xs = slices.map((shape) => w.fit(w.value(), [length, ...shape]));
  const ys = Array.from({ length: random.below(3) }, () => w.shape());
  if (carry.length + ys.length === 0) return;
  const shapes = [...consts, ...carry].map((atom) => atom.aval.shape);
  const carryShapes = carry.map((atom) => atom.aval.shape);
  const body = shapedProgram(w, [...shapes, ...slices], [...carryShapes, ...ys], depth);
  w.emitControl(
    ops.scan,
    [...consts, ...carry, ...xs],
    {
      body,
      length,
      reverse: random.below(2) === 0,
      numConsts: consts.length,
      numCarry: carry.length,
    },
    [...carryShapes, ...ys.map((shape) => [length, ...shape])].map((shape) =>
      newVar(avalOf("f32", shape)),
    ),
  );
}

function branch(w: Writer, depth: number): void {
  const operands = Array.from({ length: w.random.below(3) }, () => w.value());
  const shapes = operands.map((atom) => atom.aval.shape);
  const results = Array.from({ length: 1 + w.random.below(2) }, () => w.shape());
  const branches = Array.from({ length: 1 + w.random.below(3) }, () =>
    shapedProgram(w, shapes, results, depth),
  );
  const [index] = w.emit(ops.truncate, [w.fit(w.value(), [])]);
  w.emitControl(
    ops.cond,
    [index, ...operands],
    { branches },
    results.map((shape) => newVar(avalOf("f32", shape))),
  );
}

/** A while loop that counts to a number below 4. */
function repeat(w: Writer, depth: number): void {
  const carry = Array.from({ length: 1 + w.random.below(2) }, () => w.value());
  const consts = Array.from({ length: w.random.below(2) }, () => w.value());
  const counter = avalOf("i32", []);
  const shapes = carry.map((atom) => atom.aval.shape);
  const test = new Writer(w.random, w.maxSize);
  const limit = newVar(counter);
  const now = newVar(counter);
  const others = shapes.map((shape) => newVar(avalOf("f32", shape)));
  const [goOn] = test.emit(ops.lessI32, [now, limit]);
  const condition = { inputs: [limit, now, ...others], equations: test.equations, outputs: [goOn] };
  const inner = shapedProgram(
    w,
    [...consts.map((atom) => atom.aval.shape), ...shapes],
    shapes,
    depth,
  );
  const bodyCounter = newVar(counter);
  const next = newVar(counter);
  const body = {
    inputs: [
      ...inner.inputs.slice(0, consts.length),
      bodyCounter,
      ...inner.inputs.slice(consts.length),
    ],
    equations: [
      ...inner.equations,
      { primitive: ops.increment, inputs: [bodyCounter], outputs: [next], params: {}, scope: "" },
    ],
    outputs: [next, ...inner.outputs],
  };
  const zero = newLiteral(0, counter);
  w.emitControl(
    ops.whileLoop,
    [newLiteral(w.random.below(4), counter), ...consts, zero, ...carry],
    { condition, body, numConditionConsts: 1, numBodyConsts: consts.length },
    [newVar(counter), ...shapes.map((shape) => newVar(avalOf("f32", shape)))],
  );
}
