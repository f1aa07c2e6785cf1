import type { Performance } from "./performance.ts";

/**
 * The events of piano music as ids of one vocabulary, as in Oore et al. 2018, section 3, and Music Transformer: 0 to 127 begin a
 * note of this pitch, 128 to 255 end one, 256 to 355 let 10 to 1,000 ms go by, 356 to 387 say how hard notes are struck from here on,
 * in steps of 4.
 */
export const musicVocabulary = 388;

const firstOff = 128;
const firstShift = 256;
const firstVelocity = 356;

/** The grid of time, in steps a second, and the most steps of one event. */
const stepsPerSecond = 100;
const mostSteps = firstVelocity - firstShift;

/** MIDI velocities of one event. */
const velocityStep = 4;

interface Timed {
  /** On the grid of 10 ms. */
  readonly step: number;
  readonly pitch: number;
  /** Absent where a note ends. */
  readonly velocity?: number;
}

/**
 * The events of a performance. What it begins with of silence is left out. At one time notes end before others begin, each from the lowest
 * up; a note is no shorter than a step of 10 ms.
 */
export function eventsOf(notes: Performance): Uint16Array {
  const timed = notes.flatMap(({ start, end, pitch, velocity }): readonly Timed[] => {
    const begins = stepOf(start);
    return [
      { step: begins, pitch, velocity },
      { step: Math.max(begins + 1, stepOf(end)), pitch },
    ];
  });
  timed.sort((a, b) => a.step - b.step || orderOf(a) - orderOf(b) || a.pitch - b.pitch);
  const ids: number[] = [];
  let now = timed.at(0)?.step ?? 0;
  let level = -1;
  for (const { step, pitch, velocity } of timed) {
    for (let left = step - now; left > 0; left -= mostSteps) {
      ids.push(firstShift + Math.min(left, mostSteps) - 1);
    }
    now = step;
    if (velocity === undefined) {
      ids.push(firstOff + pitch);
      continue;
    }
    const struck = Math.floor(velocity / velocityStep);
    if (struck !== level) ids.push(firstVelocity + struck);
    level = struck;
    ids.push(pitch);
  }
  return Uint16Array.from(ids);
}

const stepOf = (seconds: number): number => Math.round(seconds * stepsPerSecond);

const orderOf = ({ velocity }: Timed): number => (velocity === undefined ? 0 : 1);

/** Where the first events say nothing of it. */
const defaultVelocity = 64;

/**
 * The performance that events tell, whatever they are: ends of notes that do not sound mean nothing, a note that begins while it sounds is
 * struck anew, what sounds in the end ends there, and what has no length is no note. Velocities are the middle of their step.
 *
 * @param ids - below {@link musicVocabulary}; others mean nothing
 */
export function performanceOf(ids: Iterable<number>): Performance {
  const notes: Performance[number][] = [];
  const sounding = new Map<number, { readonly start: number; readonly velocity: number }>();
  let step = 0;
  let velocity = defaultVelocity;
  const release = (pitch: number): void => {
    const note = sounding.get(pitch);
    if (note === undefined) return;
    sounding.delete(pitch);
    const { start } = note;
    if (step === start) return;
    notes.push({
      pitch,
      velocity: note.velocity,
      start: start / stepsPerSecond,
      end: step / stepsPerSecond,
    });
  };
  for (const id of ids) {
    if (id < firstOff) {
      release(id);
      sounding.set(id, { start: step, velocity });
    } else if (id < firstShift) release(id - firstOff);
    else if (id < firstVelocity) step += id - firstShift + 1;
    else if (id < musicVocabulary) velocity = (id - firstVelocity) * velocityStep + 2;
  }
  for (const pitch of sounding.keys()) release(pitch);
  return notes.sort((a, b) => a.start - b.start || a.pitch - b.pitch);
}
