import type { MidiData, MidiEvent } from "midi-file";
import type { Note, Performance } from "./performance.ts";

/** The controller of the pedal that keeps notes sounding, and the value from which it is down. */
const sustain = 64;
const down = 64;

/** An event of any track, at its time in seconds. */
interface Played {
  readonly seconds: number;
  readonly event: MidiEvent;
}

/**
 * The notes of a MIDI file as a piano sounds them: one string for each pitch, whatever the channel or track; the drums of channel 10 are
 * left out. While the sustain pedal is down notes go on sounding after their keys are released. A note that is struck while it sounds
 * ends there and begins anew. What sounds in the end ends with the last event; what has no length is no note.
 */
export function notesOf(midi: MidiData): Performance {
  const notes: Note[] = [];
  const sounding = new Map<number, Pick<Note, "start" | "velocity">>();
  /** Pitches whose keys are released, but whose pedal is down. */
  const held = new Set<number>();
  const pedals = new Set<number>();
  const stop = (pitch: number, end: number): void => {
    const note = sounding.get(pitch);
    sounding.delete(pitch);
    held.delete(pitch);
    if (note && end > note.start) notes.push({ pitch, ...note, end });
  };
  const played = playedOf(midi);
  for (const { seconds, event } of played) {
    if (event.type === "noteOn" && event.channel !== drums) {
      stop(event.noteNumber, seconds);
      sounding.set(event.noteNumber, { start: seconds, velocity: event.velocity });
    } else if (event.type === "noteOff" && event.channel !== drums) {
      if (pedals.size === 0) stop(event.noteNumber, seconds);
      else if (sounding.has(event.noteNumber)) held.add(event.noteNumber);
    } else if (event.type === "controller" && event.controllerType === sustain) {
      if (event.value >= down) pedals.add(event.channel);
      else pedals.delete(event.channel);
      if (pedals.size === 0) for (const pitch of held) stop(pitch, seconds);
    }
  }
  const end = played.at(-1)?.seconds ?? 0;
  for (const pitch of sounding.keys()) stop(pitch, end);
  return notes.sort((a, b) => a.start - b.start || a.pitch - b.pitch);
}

/** Channel 10, counted from zero. */
const drums = 9;

/** A beat where no tempo is told: 120 a minute. */
const defaultTempo = 500_000;

function playedOf({ header, tracks }: MidiData): readonly Played[] {
  const { ticksPerBeat, framesPerSecond, ticksPerFrame } = header;
  const events = tracks.flatMap((track) => {
    let tick = 0;
    return track.map((event) => {
      tick += event.deltaTime;
      return { tick, event };
    });
  });
  // Tracks keep their order at one time.
  events.sort((a, b) => a.tick - b.tick);
  let secondsPerTick =
    ticksPerBeat === undefined
      ? 1 / ((framesPerSecond ?? 1) * (ticksPerFrame ?? 1))
      : defaultTempo / 1e6 / ticksPerBeat;
  let [seconds, last] = [0, 0];
  return events.map(({ tick, event }) => {
    seconds += (tick - last) * secondsPerTick;
    last = tick;
    if (event.type === "setTempo" && ticksPerBeat !== undefined) {
      secondsPerTick = event.microsecondsPerBeat / 1e6 / ticksPerBeat;
    }
    return { seconds, event };
  });
}
