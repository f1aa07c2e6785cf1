import { recordExpressions } from "../../../ir/scalar/record-expressions.ts";
import type { ElementwiseCluster } from "../../../plan/index.ts";
import { mergeAxes } from "../../../plan/view.ts";
import { inFours, type ElementType, type Operand } from "./kernel-source.ts";
import { printLanes } from "./print.ts";

const typeOf = (type: string): ElementType => (type === "f32" ? "f32" : "i32");

/** The operands of a cluster: results `y0`, `y1`, ..., and inputs `x0`, `x1`, ..., but the one that is not read from memory. */
export function clusterOperands({ inputs, outputs }: ElementwiseCluster, through?: number) {
  return {
    results: outputs.map(({ type }, i): Operand => ({
      name: `y${i}`,
      type: typeOf(type),
      writes: true,
    })),
    inputs: inputs.flatMap(({ type }, i): Operand[] =>
      i === through ? [] : [{ name: `x${i}`, type: typeOf(type) }],
    ),
  };
}

/** An input that is at hand instead of being read, and its text. */
export interface AtHand {
  readonly input: number;
  readonly text: string;
}

/** Statements for element t: loads, then the formulas, then stores. */
export function elementText(cluster: ElementwiseCluster, atHand?: AtHand): string {
  const loads = cluster.inputs.map((_, i) => {
    const text = i === atHand?.input ? atHand.text : `x${i}(${placeText(axesOf(cluster, i))})`;
    return `let a${i} = ${text};`;
  });
  const { statements, results } = printLanes(recordExpressions(cluster.outputs), (i) => `a${i}`);
  const stores = results.map((result, i) => `set_y${i}(t, ${result});`);
  return [...loads, ...statements, ...stores].join("\n  ");
}

/** How four neighbouring elements read an input. */
export type QuadAccess =
  /** Four neighbours in memory. */
  | "quad"
  /** All four the same element. */
  | "same"
  /** Each its own. */
  | "each";

/** An input that is read as a quad has to begin at a multiple of four words. */
export function quadAccess(cluster: ElementwiseCluster, input: number): QuadAccess {
  const { shape, offset, strides } = axesOf(cluster, input);
  if (strides.every((stride) => stride === 0)) return "same";
  const [size, stride] = [shape.at(-1) ?? 1, strides.at(-1) ?? 0];
  if (!inFours(size)) return "each";
  if (stride === 0) return "same";
  return stride === 1 && inFours(offset, ...strides.slice(0, -1)) ? "quad" : "each";
}

const lanes = ["x", "y", "z", "w"] as const;

/** Functions that quads of a cluster call; `guarded` is an input that comes from a computation instead of from memory. */
export function quadFunctions(cluster: ElementwiseCluster, guarded?: number): string {
  const { inputs, outputs } = cluster;
  const parameters = inputs.map(({ type }, i) => `p${i}: ${typeOf(type)}`);
  const given = inputs.map((_, i) => `let a${i} = ${i === guarded ? `guard(p${i})` : `p${i}`};`);
  const { statements, results } = printLanes(recordExpressions(outputs), (i) => `a${i}`);
  const fields = outputs.map(({ type }, i) => `r${i}: ${typeOf(type)}`);
  const places = inputs.flatMap((_, i) =>
    i === guarded
      ? []
      : [`fn place${i}(t: u32) -> u32 { return ${placeText(axesOf(cluster, i))}; }\n`],
  );
  return `struct Results { ${fields.join(", ")} }
${places.join("")}fn results(${parameters.join(", ")}) -> Results {
  ${[...given, ...statements].join("\n  ")}
  return Results(${results.join(", ")});
}
`;
}

/** Statements for elements t to t + 3. Same bits as {@link elementText}. */
export function quadText(cluster: ElementwiseCluster, atHand?: AtHand): string {
  const { inputs, outputs } = cluster;
  const accesses = inputs.map((_, i) => (i === atHand?.input ? "quad" : quadAccess(cluster, i)));
  const read = (i: number): string => {
    if (i === atHand?.input) return atHand.text;
    if (accesses[i] === "quad") return `x${i}_quad(place${i}(t))`;
    if (accesses[i] === "same") return `x${i}(place${i}(t))`;
    const each = lanes.map((_, lane) => `x${i}(place${i}(t + ${lane}u))`);
    return `vec4<${typeOf(inputs[i].type)}>(${each.join(", ")})`;
  };
  const loads = inputs.map((_, i) => `let a${i} = ${read(i)};`);
  const computed = lanes.map((lane) => {
    const given = inputs.map((_, i) => (accesses[i] === "same" ? `a${i}` : `a${i}.${lane}`));
    return `let r${lane} = results(${given.join(", ")});`;
  });
  const stores = outputs.map(({ type }, i) => {
    const four = lanes.map((lane) => `r${lane}.r${i}`).join(", ");
    return `set_y${i}_quad(t, vec4<${typeOf(type)}>(${four}));`;
  });
  return [...loads, ...computed, ...stores].join("\n  ");
}

interface Axes {
  readonly shape: readonly number[];
  readonly offset: number;
  readonly strides: readonly number[];
}

function axesOf({ shape, inputs }: ElementwiseCluster, input: number): Axes {
  const { offset, strides } = inputs[input].view;
  return mergeAxes({ shape, offset, strides });
}

/** Where element t of the iteration lies. */
function placeText({ shape, offset, strides }: Axes): string {
  const terms: string[] = [];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const stride = strides[axis];
    const isFirst = axis === 0;
    const divided = step === 1 ? "t" : `t / ${step}u`;
    const index = isFirst ? divided : `(${divided}) % ${shape[axis]}u`;
    if (stride !== 0) terms.push(stride === 1 ? index : `(${index}) * ${stride >>> 0}u`);
    step *= shape[axis];
  }
  if (offset !== 0 || terms.length === 0) terms.push(`${offset >>> 0}u`);
  return terms.map((term) => (terms.length > 1 ? `(${term})` : term)).join(" + ");
}
