/** Times of steps, as thread 0 sees them: a step ends when all threads have done their shares. */
import { eventBytes, PROFILE, sumBytes, TRACE, TRACE_CAPACITY, TRACE_COUNT } from "../generated/constants";

/** Counts one execution of the step at byte `step` of the code: sum of milliseconds f64, count i32. */
export function recordStep(step: usize, begin: f64, end: f64): void {
  // Every step that is timed has at least four words, so no two share an entry.
  const sum = <usize>load<u32>(PROFILE) + (step >> 4) * sumBytes;
  store<f64>(sum, load<f64>(sum) + (end - begin));
  store<i32>(sum, load<i32>(sum, 8) + 1, 8);
  recordEvent(step, begin, end);
}

/** Appends begin f64, end f64, word of the code i32 to the trace. */
function recordEvent(step: usize, begin: f64, end: f64): void {
  const count = load<i32>(TRACE_COUNT);
  store<i32>(TRACE_COUNT, count + 1);
  if (count >= load<i32>(TRACE_CAPACITY)) return;
  const event = <usize>load<u32>(TRACE) + <usize>count * eventBytes;
  store<f64>(event, begin);
  store<f64>(event, end, 8);
  store<i32>(event, <i32>(step >> 2), 16);
}
