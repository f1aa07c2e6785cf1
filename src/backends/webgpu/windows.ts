import { BackendError } from "../../core/errors.ts";
import type { OperandRange } from "./dispatch-list.ts";
import type { CanReach } from "./merge-dispatches.ts";

/** A part of the arena that is bound for a dispatch: first byte, a multiple of 256, and size. */
export interface Window {
  readonly begin: number;
  readonly size: number;
}

/** The windows of a dispatch, and which of them reaches each operand. */
export interface Windows {
  readonly windows: readonly Window[];
  /** By operand. */
  readonly indices: readonly number[];
}

/** What WebGPU asks of the offsets of bindings. */
const windowAlignment = 256;

/** Most storage buffers that every device binds; one window each. */
const mostWindows = 8;

/** Operands sorted into parts of the arena. */
interface Parts {
  readonly parts: readonly { readonly begin: number; readonly end: number }[];
  /** By operand. */
  readonly indices: readonly number[];
}

/** Neighbours share a part as long as they fit. None overlaps another, which WebGPU forbids where something is written. */
function partsOf(operands: readonly OperandRange[], most: number): Parts {
  const sorted = [...operands.entries()].toSorted(([, a], [, b]) => a.begin - b.begin);
  const parts: { begin: number; end: number }[] = [];
  const indices = operands.map(() => 0);
  for (const [i, { begin, end }] of sorted) {
    const last = parts.at(-1);
    const start = Math.floor(begin / windowAlignment) * windowAlignment;
    if (last && (end - last.begin <= most || start < last.end)) last.end = Math.max(last.end, end);
    else parts.push({ begin: start, end });
    indices[i] = parts.length - 1;
  }
  return { parts, indices };
}

const isTooLarge =
  (most: number) =>
  ({ begin, end }: Parts["parts"][number]): boolean =>
    end - begin > most;

/** Whether a dispatch can reach such operands. */
export function canReach(arenaBytes: number, most: number): CanReach {
  if (arenaBytes <= most) return () => true;
  return (operands) => {
    const { parts } = partsOf(operands, most);
    return parts.length <= mostWindows && !parts.some(isTooLarge(most));
  };
}

/**
 * Windows of at most `most` bytes that cover the operands of a dispatch.
 *
 * @throws BackendError when an operand is larger than a binding
 */
export function windowsOf(
  operands: readonly OperandRange[],
  arenaBytes: number,
  most: number,
  where: string,
): Windows {
  if (arenaBytes <= most) {
    return { windows: [{ begin: 0, size: arenaBytes }], indices: operands.map(() => 0) };
  }
  const { parts, indices } = partsOf(operands, most);
  const tooLarge = parts.find(isTooLarge(most));
  if (tooLarge || parts.length > mostWindows) {
    throw new BackendError("what an operation works on does not fit the device's bindings", {
      where,
      expected: `at most ${mostWindows} parts of ${most} bytes`,
      got: tooLarge
        ? `${tooLarge.end - tooLarge.begin} bytes that hang together`
        : `${parts.length} parts`,
      fix: "Work on smaller chunks, or on a device with a larger maxStorageBufferBindingSize.",
    });
  }
  return {
    windows: parts.map(({ begin, end }) => ({
      begin,
      size: Math.min(arenaBytes - begin, Math.ceil((end - begin) / 16) * 16),
    })),
    indices,
  };
}
