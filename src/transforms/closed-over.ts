import { TraceError } from "../core/errors.ts";
import { Tracer, type Value } from "../core/value.ts";
import type { ClosedProgram } from "../ir/builder.ts";

/** Concrete arrays that a custom rule closed over; a traced one would lose its derivative. */
export function checkConstants(captured: readonly Value[], where: string): readonly Value[] {
  const tracer = captured.find((value) => value instanceof Tracer);
  if (!tracer) return captured;
  throw new TraceError("a function with a custom derivative closes over a traced value", {
    where,
    got: String(tracer),
    fix: "Pass it as an argument, so that it has a derivative.",
  });
}

/** The traced function, if it closed over concrete arrays only. */
export function closedOverTensors(traced: ClosedProgram, where: string): ClosedProgram {
  checkConstants(traced.captured, where);
  return traced;
}
