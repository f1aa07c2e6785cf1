/** From numbers to places along one direction of a drawing. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

/** Logarithmic, to base 2; linear from zero; or linear around the values, where differences are to be seen and not ratios. */
export type ScaleKind = "log" | "zero" | "around";

/** A scale that shows all values between the places `from` and `to`. Without any, one that shows 1. */
export function scaleOf(
  values: readonly number[],
  kind: ScaleKind,
  from: number,
  to: number,
): Scale {
  const positive = values.filter((value) => value > 0);
  const shown = positive.length === 0 ? [1] : positive;
  return kind === "log" ? powersOfTwo(shown, from, to) : linear(shown, kind, from, to);
}

function powersOfTwo(values: readonly number[], from: number, to: number): Scale {
  const exponents = values.map(Math.log2);
  const low = Math.floor(Math.min(...exponents));
  const high = Math.max(low + 1, Math.ceil(Math.max(...exponents)));
  const every = Math.ceil((high - low) / 8);
  const ticks = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => {
    const value = 2 ** (low + i * every);
    return { value, label: labelOf(value) };
  });
  return {
    place: (value) => from + ((Math.log2(value) - low) / (high - low)) * (to - from),
    ticks,
  };
}

function linear(
  values: readonly number[],
  kind: "zero" | "around",
  from: number,
  to: number,
): Scale {
  const largest = Math.max(...values);
  const smallest = kind === "zero" ? 0 : Math.min(...values);
  const spread = largest - smallest;
  const step = niceStep((spread > 1e-6 * largest ? spread : largest) / 5);
  const first = Math.floor(smallest / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(largest / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: labelOf(value) };
  });
  return {
    place: (value) => from + ((value / step - first) / (last - first)) * (to - from),
    ticks,
  };
}

/** The smallest of 1, 2, 5 times a power of ten that is no smaller. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

const labelOf = (value: number): string => String(Number(value.toPrecision(4)));
