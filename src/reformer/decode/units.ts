/** What recurrent units make of a prompt and of one more token: between tokens they keep a state. */
import type { Value } from "../../core/value.ts";
import { concatenate, split } from "../../numpy/index.ts";
import { sliceInDim } from "../../lax/index.ts";
import { sruFrom, type SruParams } from "../../nn/sru.ts";
import type { MixUnits } from "../blocks/recurrent-block.ts";

/** What a prompt leaves of a layer's units, of which there is one part. */
export interface UnitRows {
  /** What each of them was in after the last token, one behind another: f32[1, B, units * d]. */
  readonly states: Value;
  /** What they have read, f32[1, B, L, d]. */
  readonly signals: Value;
}

/** One of these arrays among what a layer's second half has saved, under its name; nothing where that has no units. */
export const savedUnits = <Name extends keyof UnitRows>(
  saved: unknown,
  name: Name,
): Partial<Pick<UnitRows, Name>> =>
  saved ? ({ [name]: (saved as UnitRows)[name] } as Pick<UnitRows, Name>) : {};

/** Reads a text f32[B, L, d] from states f32[B, units * d], or from the beginning. */
function read(units: readonly SruParams[], signal: Value, states: Value | null) {
  const before = states && split(states, units.length, 1);
  const after: Value[] = [];
  const out = units.reduce((x, unit, i) => {
    const unitRead = sruFrom(unit, x, before && before[i]);
    after.push(unitRead.state);
    return unitRead.out;
  }, signal);
  return { out, states: concatenate(after, 1) };
}

/** A prompt, as the model itself reads it. */
export const promptUnits: MixUnits = (units, signal) => {
  const { out, states } = read(units, signal, null);
  return { out, saved: { states, signals: signal } };
};

/** One more token, by the states behind those before. */
export const tokenUnits: MixUnits = (units, signal, { own }) => {
  const { out, states } = read(units, signal, (own as Pick<UnitRows, "states">).states);
  return { out, saved: { states } };
};

/** The definition of it: the last row of all that was read. */
export const definingUnits: MixUnits = (units, signal, { own }) => {
  const signals = concatenate([(own as Pick<UnitRows, "signals">).signals, signal], 1);
  const { out } = read(units, signals, null);
  const length = signals.shape[1];
  return { out: sliceInDim(out, length - 1, length, 1), saved: { signals } };
};
