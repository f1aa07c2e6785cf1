/** The weights of lucidrains' LSHSelfAttention as those of our attention half-block. */
import type { Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import { reshape, transpose } from "../../numpy/index.ts";
import type { AttentionParams, HeadParams } from "../../reformer/blocks/attention-params.ts";
import type { StateDict } from "../huggingface/parameters.ts";
import type { ModuleOptions } from "./module-options.ts";

export interface HeadSizes {
  readonly width: number;
  readonly heads: number;
  readonly headWidth: number;
}

export function headSizes({ number }: ModuleOptions, otherwiseHeadWidth?: number): HeadSizes {
  const width = number("dim", 0);
  const heads = number("heads", 8);
  return { width, heads, headWidth: number("dim_head", otherwiseHeadWidth ?? width / heads) };
}

/** Shapes of the weights under their names. */
export function attentionShapes(
  options: ModuleOptions,
  { width, heads, headWidth }: HeadSizes,
  prefix = "",
): readonly (readonly [string, Shape])[] {
  const memory = options.number("num_mem_kv", 0);
  const values = options.flag("one_value_head", false) ? headWidth : heads * headWidth;
  return [
    [`${prefix}toqk.weight`, [heads * headWidth, width]],
    [`${prefix}tov.weight`, [values, width]],
    [`${prefix}to_out.weight`, [width, heads * headWidth]],
    [`${prefix}to_out.bias`, [width]],
    ...(memory > 0 ? [[`${prefix}mem_kv`, [1, memory, width]] as const] : []),
  ];
}

/** All but the norm. */
export function attentionParamsOf(
  options: ModuleOptions,
  { width, heads, headWidth }: HeadSizes,
  weights: StateDict,
  prefix = "",
): { readonly shared: Omit<AttentionParams["shared"], "norm">; readonly parts: HeadParams } {
  const inward = (kernel: Value): Value =>
    transpose(reshape(kernel, [heads, headWidth, width]), [0, 2, 1]);
  const memory = weights[`${prefix}mem_kv`];
  const value = weights[`${prefix}tov.weight`];
  const single = options.flag("one_value_head", false);
  return {
    shared: {
      bias: weights[`${prefix}to_out.bias`],
      ...(memory && { memory: reshape(memory, memory.shape.slice(1)) }),
      ...(single && { value: transpose(value) }),
    },
    parts: {
      query: inward(weights[`${prefix}toqk.weight`]),
      ...(!single && { value: inward(value) }),
      output: reshape(transpose(weights[`${prefix}to_out.weight`]), [heads, headWidth, width]),
    },
  };
}
