/** Programs as text: what the transformations make of small functions. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  checkpoint,
  customVjp,
  grad,
  init,
  jit,
  jvp,
  makeProgram,
  named,
  printProgram,
  vmap,
  type Program,
  type Value,
} from "../../src/index.ts";
import { eliminateCommonSubexpressions } from "../../src/ir/passes/cse.ts";
import { cond, scan, whileLoop } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { programKey } from "../../src/ir/key.ts";

const print = (program: Program): string => `\n${printProgram(program)}\n`;
const scalar = (): Value => np.array(2);
const vector = (): Value => np.array([1, 2, 3]);

beforeAll(async () => {
  await init("reference");
});

describe("printProgram", () => {
  it("shows equations, literals, weak numbers and shapes", () => {
    expect(
      print(makeProgram((x: Value, y: Value | number) => np.add(np.mul(x, 3), y))(vector(), 0.5)),
    ).toMatchInlineSnapshot(`
      "
      { lambda a:f32[3] b:f32*[] .
        let
          c:f32[3] = broadcastInDim[shape=(3) axes=()] 3:f32[]
          d:f32[3] = mul a c
          e:f32*[3] = broadcastInDim[shape=(3) axes=()] b
          f:f32[3] = add d e
        in (f) }
      "
    `);
  });

  it("shows jit as a call, and what it closes over as a hidden input", () => {
    const w = np.array([4, 5, 6]);
    const inner = jit((x: Value) => np.mul(w, x), { name: "scaled" });
    expect(print(makeProgram((x: Value) => inner(inner(x)))(vector()))).toMatchInlineSnapshot(`
      "
      { lambda a:f32[3] b:f32[3] .
        let
          c:f32[3] = call[program={ lambda a:f32[3] b:f32[3] .
            let
              c:f32[3] = mul a b
            in (c) } name=scaled] a b
          d:f32[3] = call[program={ lambda a:f32[3] b:f32[3] .
            let
              c:f32[3] = mul a b
            in (c) } name=scaled] a c
        in (d) }
      "
    `);
  });

  it("shows the gradient: what is linear runs backwards", () => {
    expect(print(makeProgram(grad((x: Value) => np.sum(np.sin(np.mul(x, x)))))(vector())))
      .toMatchInlineSnapshot(`
      "
      { lambda a:f32[3] .
        let
          b:f32[3] = mul a a
          c:f32[3] = cos b
          d:f32[3] = broadcastInDim[shape=(3) axes=()] 1:f32[]
          e:f32[3] = mul d c
          f:f32[3] = mul e a
          g:f32[3] = mul e a
          h:f32[3] = add f g
        in (h) }
      "
    `);
  });

  it("shows a scan's derivative with stacked residuals, and weights not stacked", () => {
    const f = (w: Value, xs: Value): Value =>
      scan((c: Value, x: Value) => [np.tanh(np.mul(w, np.add(c, x))), null], np.array(0), xs)[0];
    expect(print(makeProgram(grad(f))(scalar(), vector()))).toMatchInlineSnapshot(`
      "
      { lambda a:f32[] b:f32[3] .
        let
          c:f32[] d:f32[3] e:f32[3] = scan[body={ lambda a:f32[] b:f32[] c:f32[] .
            let
              d:f32[] = add b c
              e:f32[] = mul a d
              f:f32[] = tanh e
              g:f32[] = sub 1:f32[] f
              h:f32[] = add 1:f32[] f
              i:f32[] = mul g h
            in (f, d, i) } length=3 reverse=false numConsts=1 numCarry=1] a 0:f32[] b
          f:f32[] g:f32[] = scan[body={ lambda a:f32[] b:f32[] c:f32[] d:f32[] e:f32[] .
            let
              f:f32[] = mul b e
              g:f32[] = mul f a
              h:f32[] = mul f d
              i:f32[] = add c h
            in (g, i) } length=3 reverse=true numConsts=1 numCarry=2] a 1:f32[] 0:f32[] d e
        in (g) }
      "
    `);
  });

  it("shows a mapped predicate as a selection, and an unmapped one as a branch", () => {
    const f = (p: Value, x: Value): Value =>
      cond(
        np.greater(p, 0),
        (y: Value) => np.sin(y),
        (y: Value) => np.negative(y),
        x,
      );
    expect(print(makeProgram(vmap(f))(vector(), vector()))).toMatchInlineSnapshot(`
      "
      { lambda a:f32[3] b:f32[3] .
        let
          c:f32[3] = broadcastInDim[shape=(3) axes=()] 0:f32[]
          d:bool[3] = gt a c
          e:i32[3] = convert[dtype=i32] d
          f:f32[3] = call[program={ lambda a:f32[3] .
            let
              b:f32[3] = neg a
            in (b) } name=branch] b
          g:f32[3] = call[program={ lambda a:f32[3] .
            let
              b:f32[3] = sin a
            in (b) } name=branch] b
          h:i32[3] = broadcastInDim[shape=(3) axes=()] 1:i32[]
          i:bool[3] = ge e h
          j:bool[3] = broadcastInDim[shape=(3) axes=(0)] i
          k:f32[3] = select j g f
        in (k) }
      "
    `);
    expect(print(makeProgram(vmap(f, { inAxes: [null, 0] }))(scalar(), vector())))
      .toMatchInlineSnapshot(`
      "
      { lambda a:f32[] b:f32[3] .
        let
          c:bool[] = gt a 0:f32[]
          d:i32[] = convert[dtype=i32] c
          e:f32[3] = cond[branches=({ lambda a:f32[3] .
            let
              b:f32[3] = neg a
            in (b) },{ lambda a:f32[3] .
            let
              b:f32[3] = sin a
            in (b) })] d b
        in (e) }
      "
    `);
  });

  it("shows that a checkpoint keeps its inputs only", () => {
    const f = checkpoint((x: Value) => np.sin(np.sin(x)));
    expect(print(makeProgram(grad(f))(scalar()))).toMatchInlineSnapshot(`
      "
      { lambda a:f32[] .
        let
          b:f32[] = call[program={ lambda a:f32[] b:f32[] .
            let
              c:f32[] = sin a
              d:f32[] = cos a
              e:f32[] = cos c
              f:f32[] = mul b e
              g:f32[] = mul f d
            in (g) } name=anonymous] a 1:f32[]
        in (b) }
      "
    `);
  });

  it("shows loops of unknown length with their tangents", () => {
    const f = (x: Value): Value =>
      whileLoop(
        (y: Value) => np.less(y, 100),
        (y: Value) => np.mul(y, y),
        x,
      );
    expect(print(makeProgram((x: Value) => jvp(f, [x], [x])[1])(scalar()))).toMatchInlineSnapshot(`
      "
      { lambda a:f32[] .
        let
          b:f32[] c:f32[] = while[condition={ lambda a:f32[] b:f32[] .
            let
              c:bool[] = lt a 100:f32[]
            in (c) } body={ lambda a:f32[] b:f32[] .
            let
              c:f32[] = mul a a
              d:f32[] = mul b a
              e:f32[] = mul b a
              f:f32[] = add d e
            in (c, f) } numConditionConsts=0 numBodyConsts=0] a a
        in (c) }
      "
    `);
  });

  it("shows custom rules in the place of derivatives", () => {
    const f = customVjp((x: Value) => np.exp(x), {
      forward: (x: Value) => [np.exp(x), x],
      backward: (x: Value, dy: Value) => [np.mul(dy, np.sign(x))],
    });
    expect(print(makeProgram(f)(scalar()))).toMatchInlineSnapshot(`
      "
      { lambda a:f32[] .
        let
          b:f32[] = customVjpCall[program={ lambda a:f32[] .
            let
              b:f32[] = exp a
            in (b) } name=anonymous rule={name:anonymous,where:where,forward:function,backward:function}] a
        in (b) }
      "
    `);
    expect(print(makeProgram(grad(f))(scalar()))).toMatchInlineSnapshot(`
      "
      { lambda a:f32[] .
        let
          b:f32[] = call[program={ lambda a:f32[] b:f32[] .
            let
              c:f32[] = sign a
              d:f32[] = mul b c
            in (d) } name=anonymous.backward] a 1:f32[]
        in (b) }
      "
    `);
  });
});

describe("programs", () => {
  it("carry the names of the user", () => {
    const f = named("layer", (x: Value) => named("attention", (y: Value) => np.sin(y))(np.cos(x)));
    const { equations } = makeProgram(f)(scalar());
    expect(equations.map(({ primitive, scope }) => `${scope}: ${primitive.name}`)).toEqual([
      "layer: cos",
      "layer/attention: sin",
    ]);
    const scopes = makeProgram(grad(f))(scalar()).equations.map(({ scope }) => scope);
    expect(scopes.filter((scope) => scope === "layer/attention").length).toBeGreaterThan(1);
  });

  it("are equal when their texts are, whatever their variables", () => {
    const f = (x: Value): Value =>
      scan((c: Value, y: Value) => [np.add(c, y), c], np.array(0), x)[1];
    const [a, b, c] = [f, f, (x: Value) => np.mul(f(x), 1)].map((g) =>
      programKey(makeProgram(g)(vector())),
    );
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it("compute equal parts once after elimination, effects and signed zeros excepted", () => {
    const f = (x: Value): Value => np.add(np.mul(np.sin(x), 0), np.mul(np.sin(x), -0));
    const program = makeProgram(f)(scalar());
    const names = eliminateCommonSubexpressions(program).equations.map(
      ({ primitive }) => primitive.name,
    );
    expect(names).toEqual(["sin", "mul", "mul", "add"]);
  });
});
