import type { ScalarType } from "../../../src/ir/expression.ts";

export type NumberFormula = (...operands: readonly number[]) => number;

/** The words of a formula over JavaScript numbers. */
export function formulaWords(
  formula: NumberFormula,
  types: readonly ScalarType[],
  resultType: ScalarType,
  inputs: readonly Uint32Array[],
): Uint32Array {
  const operands = inputs.map((words, i) =>
    types[i] === "f32" ? new Float32Array(words.buffer) : new Int32Array(words.buffer),
  );
  const { length } = inputs[0];
  const results = resultType === "f32" ? new Float32Array(length) : new Int32Array(length);
  for (let i = 0; i < length; i++) results[i] = formula(...operands.map((values) => values[i]));
  return new Uint32Array(results.buffer);
}

const isNaNWord = (word: number): boolean => (word & 0x7fffffff) > 0x7f800000;

/** Where words differ; NaN is like NaN for f32. */
export function differences(
  got: Uint32Array,
  wanted: Uint32Array,
  type: ScalarType,
): readonly number[] {
  const differ = (i: number): boolean =>
    got[i] !== wanted[i] && !(type === "f32" && isNaNWord(got[i]) && isNaNWord(wanted[i]));
  return [...got.keys()].filter(differ);
}

/** Operands and both results, to find a fault by. */
export const describeCase = (
  i: number,
  inputs: readonly Uint32Array[],
  got: Uint32Array,
  wanted: Uint32Array,
): string => {
  const hex = (word: number): string => `0x${word.toString(16)}`;
  return `of ${inputs.map((words) => hex(words[i])).join(", ")}: got ${hex(got[i])}, wanted ${hex(wanted[i])}`;
};
