import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import { avalOf } from "../../src/core/aval.ts";
import { scalarTensor, Tensor } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { stageClosed } from "../../src/ir/builder.ts";
import * as ops from "../../src/ir/ops.ts";
import type { Program } from "../../src/ir/program.ts";
import "../../src/transforms/index.ts";
import { f32, i32 } from "../support/arrays.ts";

const backend = createReferenceBackend();
setBackend(backend);

const scalar = avalOf("f32", []);
const vector = avalOf("f32", [3]);
const integer = avalOf("i32", []);

const run = (program: Program, ...inputs: Tensor[]): readonly Tensor[] =>
  backend.compile(program).run(inputs, [], "test");

const bind = (name: string, operands: readonly Value[], params: object): readonly Value[] =>
  ops.bindRecord(name, operands, params);

describe("a program", () => {
  it("runs equation by equation", () => {
    const program = stageClosed(
      (x, y) => [ops.add(ops.mul(x, y), x), ops.neg(y)],
      [vector, vector],
    );
    const [sum, negated] = run(program, f32([3], [1, 2, 3]), f32([3], [4, 5, 6]));
    expect(sum.toArray()).toEqual([5, 12, 21]);
    expect(negated.toArray()).toEqual([-4, -5, -6]);
  });

  it("may give back inputs and literals, in storage of their own", () => {
    const program = stageClosed((x) => [x, ops.literal(7, "i32"), x], [vector]);
    const x = f32([3], [1, 2, 3]);
    const [first, seven, second] = run(program, x);
    expect([first.toArray(), seven.item(), second.toArray()]).toEqual([[1, 2, 3], 7, [1, 2, 3]]);
    expect(new Set([x, first, second].map((tensor) => tensor.words().buffer)).size).toBe(3);
  });
});

describe("inputs", () => {
  const double = backend.compile(stageClosed((x) => [ops.add(x, x)], [vector]));

  it("that are donated die after success, others stay", () => {
    const [kept, donated] = [f32([3], [1, 2, 3]), f32([3], [1, 2, 3])];
    double.run([kept], [], "double");
    expect(kept.isDonated).toBe(false);
    expect(double.run([donated], [true], "double")[0].toArray()).toEqual([2, 4, 6]);
    expect(donated.isDonated).toBe(true);
    expect(() => double.run([donated], [], "double")).toThrow("double: this tensor was donated");
  });

  it("may be one tensor twice, donated", () => {
    const x = f32([3], [1, 2, 3]);
    const product = backend.compile(stageClosed((a, b) => [ops.mul(a, b)], [vector, vector]));
    expect(product.run([x, x], [true, true], "product")[0].toArray()).toEqual([1, 4, 9]);
    expect(x.isDonated).toBe(true);
  });

  it("that lie in a backend's memory are read there, and given back when they are donated", () => {
    let released = 0;
    const resident = (): Tensor =>
      new Tensor(vector, {
        kind: "resident",
        place: { name: "elsewhere" },
        words: () => Float32Array.of(1, 2, 3),
        release: () => void released++,
      });
    const [kept, donated] = [resident(), resident()];
    expect(double.run([kept], [], "double")[0].toArray()).toEqual([2, 4, 6]);
    expect(double.run([donated], [true], "double")[0].toArray()).toEqual([2, 4, 6]);
    expect([kept.isDonated, donated.isDonated, released]).toEqual([false, true, 1]);
  });

  it("of other types are refused and stay alive", () => {
    const x = f32([2], [1, 2]);
    expect(() => double.run([x], [true], "double")).toThrow(
      "double: the inputs are not those of the compiled program: expected f32[3], got f32[2]",
    );
    expect(x.isDonated).toBe(false);
  });
});

describe("control", () => {
  /** carry' = carry * x, y = carry + x. */
  const body = stageClosed((c, x) => [ops.mul(c, x), ops.add(c, x)], [scalar, scalar]);
  const scan = (length: number, reverse: boolean): Program =>
    stageClosed(
      (c, xs) => [...bind("scan", [c, xs], { body, length, reverse, numConsts: 0, numCarry: 1 })],
      [scalar, avalOf("f32", [length])],
    );

  it("scan forwards, backwards, and over nothing", () => {
    const one = scalarTensor(1, "f32");
    const outputs = (program: Program, xs: Tensor) => run(program, one, xs).map((x) => x.toArray());
    expect(outputs(scan(3, false), f32([3], [2, 3, 4]))).toEqual([24, [3, 5, 10]]);
    expect(outputs(scan(3, true), f32([3], [2, 3, 4]))).toEqual([24, [14, 7, 5]]);
    expect(outputs(scan(0, false), f32([0], []))).toEqual([1, []]);
  });

  it("cond clamps its index", () => {
    const branches = [1, 10, 100].map((factor) =>
      stageClosed((x) => [ops.scale(x, factor)], [scalar]),
    );
    const program = stageClosed(
      (i, x) => [...bind("cond", [i, x], { branches })],
      [integer, scalar],
    );
    const chosen = (index: number): number =>
      run(program, scalarTensor(index, "i32"), scalarTensor(2, "f32"))[0].item();
    expect([-5, 0, 1, 2, 7].map(chosen)).toEqual([2, 2, 20, 200, 200]);
  });

  it("while runs as long as its condition holds, not at all if it never does", () => {
    const condition = stageClosed((limit, x) => [ops.lt(x, limit)], [scalar, scalar]);
    const doubled = stageClosed((x) => [ops.add(x, x)], [scalar]);
    const params = { condition, body: doubled, numConditionConsts: 1, numBodyConsts: 0 };
    const program = stageClosed(
      (limit, x) => [...bind("while", [limit, x], params)],
      [scalar, scalar],
    );
    const from = (x: number): number =>
      run(program, scalarTensor(100, "f32"), scalarTensor(x, "f32"))[0].item();
    expect([from(3), from(500)]).toEqual([192, 500]);
  });

  it("call runs its program, host calls get tensors", () => {
    const inner = stageClosed((x) => [ops.mul(x, x)], [vector]);
    const seen: string[] = [];
    const program = stageClosed(
      (x) => {
        const squares = bind("call", [x], { program: inner, name: "square" });
        bind("hostCall", squares, {
          run: (tensors: readonly Tensor[]) => seen.push(tensors.join()),
        });
        return squares;
      },
      [vector],
    );
    expect(run(program, f32([3], [1, 2, 3]))[0].toArray()).toEqual([1, 4, 9]);
    expect(seen).toEqual(["f32[3] [1, 4, 9]"]);
  });
});

describe("the report", () => {
  it("counts operations and every value", () => {
    const contraction = { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] };
    const program = stageClosed(
      (x, y) => [ops.exp(ops.dotGeneral(x, y, contraction))],
      [avalOf("f32", [2, 5]), avalOf("f32", [5, 3])],
    );
    const { report } = backend.compile(program);
    expect(report.flops).toBe(2 * 2 * 3 * 5 + 6);
    expect(report.peakBytes).toBe(4 * (10 + 15 + 6 + 6));
    expect(report.bytes).toBe(4 * (10 + 15 + 6 + 6 + 6));
    expect(report.largest.map(({ name }) => name)).toEqual(["dotGeneral", "exp"]);
    expect(report.plan).toContain("dotGeneral");
  });

  it("counts a loop's body once for each iteration", () => {
    const body = stageClosed((c, x) => [ops.mul(c, x)], [integer, integer]);
    const params = { body, length: 7, reverse: false, numConsts: 0, numCarry: 1 };
    const program = stageClosed(
      (c, xs) => [...bind("scan", [c, xs], params)],
      [integer, avalOf("i32", [7])],
    );
    expect(backend.compile(program).report.flops).toBe(7);
    expect(run(program, scalarTensor(1, "i32"), i32([7], [1, 2, 3, 4, 5, 6, 7]))[0].item()).toBe(
      5040,
    );
  });
});
