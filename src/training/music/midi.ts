import { checkKind } from "../../core/arguments.ts";
import { iterableOf } from "../value-kinds.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { parseMidi, writeMidi, type MidiData, type MidiEvent } from "midi-file";
import { orThrow, invalid, type Validated } from "../../edge/problem.ts";
import { eventsOf, performanceOf } from "./events.ts";
import type { Performance } from "./performance.ts";
import { notesOf } from "./played.ts";

/**
 * The events of MIDI files, one behind the other: ids below 388, as {@link eventsOf} says.
 *
 * @param data - a file, or several behind one another
 * @returns the events, or what is wrong with a file
 */
export const musicFrom = (data: Uint8Array): Validated<Uint16Array> =>
  pipe(
    performancesFrom(checkKind(data, "bytes", "data", "musicFrom")),
    E.map((performances) => {
      const ids = performances.map(eventsOf);
      const joined = new Uint16Array(ids.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const piece of ids) {
        joined.set(piece, at);
        at += piece.length;
      }
      return joined;
    }),
  );

/**
 * {@link musicFrom}, throwing.
 *
 * @throws InputError for what is no MIDI file
 * @example
 * import { midiOf, musicFromOrThrow } from "reformax/training";
 * // The middle C, struck hard, half a second long.
 * const events = [380, 60, 305, 188];
 * console.log([...musicFromOrThrow(midiOf(events))]); // => [ 380, 60, 305, 188 ]
 */
export const musicFromOrThrow = (data: Uint8Array): Uint16Array => orThrow(musicFrom(data));

function performancesFrom(data: Uint8Array): Validated<readonly Performance[]> {
  const performances: Performance[] = [];
  for (let at = 0; at < data.length;) {
    const where = performances.length === 0 ? "--data" : `--data, file ${performances.length + 1}`;
    const length = lengthOfFile(data.subarray(at), where);
    if (E.isLeft(length)) return length;
    const midi = read(data.slice(at, at + length.right), where);
    if (E.isLeft(midi)) return midi;
    performances.push(notesOf(midi.right));
    at += length.right;
  }
  if (performances.some((notes) => notes.length > 0)) return E.right(performances);
  return invalid({ where: "--data", problem: "holds no notes", expected: "MIDI files (.mid)" });
}

const text = (data: Uint8Array, at: number): string =>
  String.fromCharCode(...data.subarray(at, at + 4));

const chunkHeader = 8;

/** How many bytes the file takes that data begin with: a header chunk, and all others until the next header. */
function lengthOfFile(data: Uint8Array, where: string): Validated<number> {
  if (text(data, 0) !== "MThd") {
    const got = JSON.stringify(text(data, 0));
    const expected = "a MIDI file, which begins with MThd";
    return invalid({ where, problem: "is no MIDI file", expected, got });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  while (at === 0 || (at < data.length && text(data, at) !== "MThd")) {
    const left = data.length - at - chunkHeader;
    const size = left < 0 ? Infinity : view.getUint32(at + 4);
    if (size > left) {
      return invalid({ where, problem: "the MIDI file is cut off", got: `${data.length} bytes` });
    }
    at += chunkHeader + size;
  }
  return E.right(at);
}

function read(file: Uint8Array, where: string): Validated<MidiData> {
  const damaged = (got: string): Validated<never> =>
    invalid({ where, problem: "the MIDI file is damaged", got });
  try {
    const midi = parseMidi(file);
    const { numTracks, ticksPerBeat, ticksPerFrame } = midi.header;
    if (midi.tracks.length !== numTracks) {
      return damaged(`${midi.tracks.length} of ${numTracks} tracks`);
    }
    // The parser reads behind the end of a track without noticing.
    const whole = midi.tracks.every((track) => track.every(isWhole));
    const timed = (ticksPerBeat ?? ticksPerFrame ?? 0) > 0;
    return whole && timed ? E.right(midi) : damaged(whole ? "no ticks" : "half an event");
  } catch (error) {
    // It throws texts, and errors of the engine for texts of absurd length.
    return damaged(typeof error === "string" ? error : String(error));
  }
}

const isByte = (value: number): boolean => value >= 0 && value < 128;

const isWhole = (event: MidiEvent): boolean => {
  if (!(event.deltaTime >= 0)) return false;
  if (event.type === "noteOn" || event.type === "noteOff") {
    return isByte(event.noteNumber) && isByte(event.velocity);
  }
  if (event.type === "controller") return isByte(event.controllerType) && isByte(event.value);
  return event.type !== "setTempo" || event.microsecondsPerBeat > 0;
};

/** One tick is a millisecond: 500 in a beat of half a second. */
const ticksPerBeat = 500;
const microsecondsPerBeat = 500_000;
const ticksPerSecond = (ticksPerBeat * 1e6) / microsecondsPerBeat;

/**
 * A MIDI file of one piano that plays events as {@link musicFrom} gives them. Any ids make a file: what means nothing is left out.
 *
 * @example
 * import { midiOf } from "reformax/training";
 * console.log(new TextDecoder().decode(midiOf([380, 60, 305, 188]).subarray(0, 4))); // => MThd
 */
export function midiOf(events: Iterable<number>): Uint8Array {
  checkKind(events, iterableOf("numbers of events", "number"), "events", "midiOf");
  const timed = performanceOf(events).flatMap(({ pitch, velocity, start, end }) => {
    const channel = 0;
    const note = { channel, noteNumber: pitch };
    return [
      { tick: Math.round(start * ticksPerSecond), on: 1, note: { ...note, velocity } },
      { tick: Math.round(end * ticksPerSecond), on: 0, note: { ...note, velocity: 0 } },
    ];
  });
  timed.sort((a, b) => a.tick - b.tick || a.on - b.on || a.note.noteNumber - b.note.noteNumber);
  let now = 0;
  const track: MidiEvent[] = [
    { deltaTime: 0, meta: true, type: "setTempo", microsecondsPerBeat },
    { deltaTime: 0, type: "programChange", channel: 0, programNumber: 0 },
    ...timed.map(({ tick, on, note }): MidiEvent => {
      const deltaTime = tick - now;
      now = tick;
      return { deltaTime, type: on === 1 ? "noteOn" : "noteOff", ...note };
    }),
    { deltaTime: ticksPerSecond, meta: true, type: "endOfTrack" },
  ];
  return Uint8Array.from(
    writeMidi({ header: { format: 0, numTracks: 1, ticksPerBeat }, tracks: [track] }),
  );
}
