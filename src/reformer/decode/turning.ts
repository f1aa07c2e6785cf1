import type { Value } from "../../core/value.ts";
import { iota } from "../../lax/index.ts";
import { rotary, sinusoids } from "../../nn/index.ts";
import { reshape } from "../../numpy/index.ts";
import type { Projected } from "../blocks/projections.ts";

const waves = (positions: Value, width: number, base: number): Value =>
  sinusoids(positions, width, { base, layout: "halves" });

const turned = ({ q, k, v }: Projected, turn: (x: Value) => Value): Projected => ({
  q: turn(q),
  k: k && turn(k),
  v,
});

/** A prompt's queries and keys, turned by their positions where the layer turns them: keys are kept so. */
export function turnedPrompt(entered: Projected, base: number | undefined): Projected {
  if (base === undefined) return entered;
  const [, length, width] = entered.q.shape;
  return turned(entered, (x) => rotary(x, waves(iota("i32", length), width, base)));
}

/** The same of one token of each sequence, at i32 position[B]. */
export function turnedToken(
  entered: Projected,
  base: number | undefined,
  position: Value,
): Projected {
  if (base === undefined) return entered;
  const [batch, , width] = entered.q.shape;
  const own = waves(position, width, base);
  return turned(entered, (x) => reshape(rotary(reshape(x, [batch, width]), own), x.shape));
}
