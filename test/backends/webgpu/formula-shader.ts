import { wgslPrelude } from "../../../src/backends/webgpu/wgsl/prelude.ts";
import { printLanes } from "../../../src/backends/webgpu/wgsl/print.ts";
import { scalarOps, type ScalarOp, type ScalarType } from "../../../src/ir/expression.ts";
import { scalarFormulas } from "../../../src/ir/scalar/formulas.ts";
import { createRecorder, type LaneNode } from "../../../src/ir/scalar/record.ts";

export const workgroup = 64;

/** A shader that computes one recorded value from words of these types; see `computeWords` for its bindings. */
export function formulaShader(
  result: LaneNode,
  types: readonly ScalarType[],
  prelude: string = wgslPrelude,
): string {
  const { statements, results } = printLanes([result], (i) => `x${i}`);
  const inputs = types.map(
    (_, i) => `@group(0) @binding(${i}) var<storage, read> in${i}: array<u32>;`,
  );
  const loads = types.map(
    (type, i) => `let x${i} = bitcast<${type === "f32" ? "f32" : "i32"}>(in${i}[id.x]);`,
  );
  return `
${inputs.join("\n")}
@group(0) @binding(${types.length}) var<storage, read_write> out: array<u32>;
var<private> unknownZero: u32;
fn zero() -> u32 { return unknownZero; }
${prelude}
@compute @workgroup_size(${workgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  // A new buffer holds zeros, which no compiler can know.
  unknownZero = out[id.x];
  ${[...loads, ...statements].join("\n  ")}
  out[id.x] = bitcast<u32>(${results[0]});
}
`;
}

/** A shader that computes one scalar operation. */
export function opShader(op: ScalarOp): string {
  const types: readonly ScalarType[] = scalarOps[op].slice(0, -1);
  const { lanes, input } = createRecorder();
  const formula: (...operands: readonly LaneNode[]) => LaneNode = scalarFormulas(lanes)[op];
  const result = formula(...types.map((type, i) => input(type === "f32" ? "F" : "I", i)));
  return formulaShader(result, types);
}
