/** All that a model's kind of positions decides: how long a sequence may be, and what vectors its places have. */
import { ReformaxError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import type { Problem } from "../../edge/problem.ts";
import {
  axialPositions,
  learnedPositions,
  sinusoids,
  type AxialPositionParams,
  type LearnedPositionParams,
} from "../../nn/index.ts";
import type { PositionConfig, ReformerConfig } from "./config.ts";

/** Null for positions without parameters. */
export type PositionParams = AxialPositionParams | LearnedPositionParams | null;

/** Tokens of the longest sequence; infinite where there is none. */
export function longestLength(positions: PositionConfig): number {
  switch (positions.kind) {
    case "axial":
      return sizeOf(positions.shape);
    case "learned":
      return positions.length;
    case "sinusoid":
    case "none":
      return Infinity;
    default:
      return positions satisfies never;
  }
}

/** Elements of {@link PositionParams}. */
export function positionParameters({
  positions,
  width,
}: Pick<ReformerConfig, "positions" | "width">): number {
  switch (positions.kind) {
    case "axial":
      return positions.shape.reduce((sum, size, axis) => sum + size * positions.widths[axis], 0);
    case "learned":
      return positions.length * width;
    case "sinusoid":
    case "none":
      return 0;
    default:
      return positions satisfies never;
  }
}

/** Vectors f32[L, width] to be added to those of the tokens at i32 places[L]; null where there are none. */
export function positionVectors(
  { positions, width }: Pick<ReformerConfig, "positions" | "width">,
  params: PositionParams,
  places: Value,
): Value | null {
  if (positions.kind === "none") return null;
  if (positions.kind === "sinusoid") {
    const { kind: _, ...options } = positions;
    return sinusoids(places, width, options);
  }
  const learned = requireParams(params, positions.kind);
  const combination = positions.kind === "axial" ? positions.combination : undefined;
  return "tables" in learned
    ? axialPositions(learned, places, combination)
    : learnedPositions(learned, places);
}

function requireParams(params: PositionParams, kind: string): NonNullable<PositionParams> {
  if (params) return params;
  throw new ReformaxError("these parameters have no positions", {
    where: "reformer",
    expected: `params.positions, as ${kind} positions have them`,
    got: "null",
    fix: "initParams makes parameters for a configuration.",
  });
}

/** Where positions do not fit the model's width. */
export function positionProblems({
  positions,
  width,
}: Pick<ReformerConfig, "positions" | "width">): readonly Problem[] {
  switch (positions.kind) {
    case "axial":
      return axialProblems(positions, width);
    case "sinusoid":
      return width % 2 === 0
        ? []
        : [
            {
              where: "width",
              problem: "must be even: sinusoidal positions are pairs of sine and cosine",
              expected: "an even number",
              got: String(width),
            },
          ];
    case "learned":
    case "none":
      return [];
    default:
      return positions satisfies never;
  }
}

type Axial = Extract<PositionConfig, { readonly kind: "axial" }>;

function axialProblems({ shape, widths, combination }: Axial, width: number): readonly Problem[] {
  const where = "positions.widths";
  const count: readonly Problem[] =
    shape.length === widths.length
      ? []
      : [
          {
            where,
            problem: "there must be one width for each axis",
            expected: `${shape.length} widths`,
            got: String(widths.length),
          },
        ];
  if (combination === "sum") {
    if (widths.every((one) => one === width)) return count;
    const problem = "cannot be added to the model's vectors";
    const expected = `${width} for each axis, as positions.combination is "sum"`;
    return [...count, { where, problem, expected, got: widths.join(", ") }];
  }
  const sum = widths.reduce((total, n) => total + n, 0);
  if (sum === width) return count;
  const got = `${widths.join(" + ")} = ${sum}`;
  const problem = "do not add up to the model's width";
  return [...count, { where, problem, expected: String(width), got }];
}
