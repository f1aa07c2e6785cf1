import { ReformaxError } from "../core/errors.ts";

/** What a text's symbols pass through before anyone sees them: none of a stop sequence comes out. */
export interface StopFilter {
  /** The symbols that may be seen now; those that a stop may begin with are held back. */
  push(symbols: ArrayLike<number>): readonly number[];
  /** Whether a stop was complete. What is pushed after it is nothing. */
  readonly hasStopped: boolean;
  /** Those that were held back, when the text ends without a stop. */
  end(): readonly number[];
}

/** Throws for stops without a symbol, where every text would end before it begins. */
export function checkStops(stops: readonly ArrayLike<number>[], where: string): void {
  if (stops.every(({ length }) => length > 0)) return;
  throw new ReformaxError("a stop sequence is empty", {
    where,
    expected: "one symbol or more each",
    got: `lengths ${stops.map(({ length }) => length).join(", ")}`,
  });
}

/**
 * Ends a text where the first of `stops` is complete; of those that are complete at once the longest counts. Symbols are ids or
 * bytes, and may come in pieces of any length.
 */
export function stopFilter(stops: readonly ArrayLike<number>[]): StopFilter {
  /** The longest end of what came that some stop begins with. */
  let held: readonly number[] = [];
  let hasStopped = false;
  const pushOne = (symbol: number): readonly number[] => {
    const text = [...held, symbol];
    const complete = stops.filter((stop) => endsWith(text, stop, stop.length));
    if (complete.length > 0) {
      hasStopped = true;
      held = [];
      return text.slice(0, text.length - Math.max(...complete.map(({ length }) => length)));
    }
    const kept = Math.max(0, ...stops.map((stop) => begunBy(text, stop)));
    held = text.slice(text.length - kept);
    return text.slice(0, text.length - kept);
  };
  return {
    push: (symbols) => {
      const seen: number[] = [];
      for (const symbol of Array.from(symbols)) {
        if (hasStopped) break;
        seen.push(...pushOne(symbol));
      }
      return seen;
    },
    get hasStopped() {
      return hasStopped;
    },
    end: () => {
      const rest = held;
      held = [];
      return rest;
    },
  };
}

/** Whether a text ends with the first `count` symbols of a stop. */
function endsWith(text: readonly number[], stop: ArrayLike<number>, count: number): boolean {
  const start = text.length - count;
  if (start < 0) return false;
  for (let i = 0; i < count; i++) if (text[start + i] !== stop[i]) return false;
  return true;
}

/** How many symbols at the end of a text a stop begins with, all but its last at most. */
function begunBy(text: readonly number[], stop: ArrayLike<number>): number {
  for (let count = Math.min(text.length, stop.length - 1); count > 0; count--) {
    if (endsWith(text, stop, count)) return count;
  }
  return 0;
}
