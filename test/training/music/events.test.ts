/** Music as events: there and back, and as another program read the same files. */
import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventsOf, performanceOf } from "../../../src/training/music/events.ts";
import { midiOf, musicFromOrThrow } from "../../../src/training/music/midi.ts";
import { sha256 } from "../../../src/training/node/index.ts";

const folder = "samples/piano-midi";
const file = (name: string): Uint8Array => new Uint8Array(readFileSync(`${folder}/${name}`));

describe("a MIDI file", () => {
  // Hashes of the ids, lowest byte first, as a Python program made them of the same files for the data set that the sample is of.
  it.each([
    ["chpn-p22.mid", 2074, "680b263c8aef17ce9198653e582a9797cbd859a8ac953b6184c631efb993a23f"],
    ["burg_quelle.mid", 4186, "03531703013dad9ca3354f3408a5975695ad5e764f947e4bad4a3dd5aeb5eecb"],
    ["mz_332_1.mid", 17844, "af3395effc9c5c3d0f9f1f790cf42f3e4a57b4331b5129818d4e3bfd2b96a007"],
  ])("%s gives the events that another program made of it", (name, count, hash) => {
    const ids = musicFromOrThrow(file(name));
    expect(ids).toHaveLength(count);
    expect(sha256(new Uint8Array(ids.buffer))).toBe(hash);
  });

  it("may stand behind others", () => {
    const names = readdirSync(folder).slice(0, 3);
    const joined = Uint8Array.from(names.flatMap((name) => [...file(name)]));
    const each = names.flatMap((name) => [...musicFromOrThrow(file(name))]);
    expect([...musicFromOrThrow(joined)]).toEqual(each);
  });
});

const note = fc.record({
  pitch: fc.integer({ min: 0, max: 127 }),
  velocity: fc.integer({ min: 1, max: 127 }),
  start: fc.integer({ min: 0, max: 500 }),
  steps: fc.integer({ min: 1, max: 400 }),
});

/** Notes on the grid of 10 ms, none of which begins while another one of its pitch sounds. */
const performance = fc.array(note, { maxLength: 30 }).map((notes) => {
  const free = new Map<number, number>();
  return notes
    .sort((a, b) => a.start - b.start || a.pitch - b.pitch)
    .filter(({ pitch, start, steps }) => {
      if (start < (free.get(pitch) ?? 0)) return false;
      free.set(pitch, start + steps);
      return true;
    })
    .map(({ pitch, velocity, start, steps }) => ({
      pitch,
      velocity,
      start: start / 100,
      end: (start + steps) / 100,
    }));
});

describe("events", () => {
  it("give the notes back, but for the silence before and the exact velocity", () => {
    fc.assert(
      fc.property(performance, (notes) => {
        const first = notes.at(0)?.start ?? 0;
        const told = performanceOf(eventsOf(notes));
        const stepsOf = (seconds: number): number => Math.round(100 * seconds);
        expect(
          told.map(({ pitch, velocity, start, end }) => [
            pitch,
            Math.floor(velocity / 4),
            stepsOf(start),
            stepsOf(end),
          ]),
        ).toEqual(
          notes.map(({ pitch, velocity, start, end }) => [
            pitch,
            Math.floor(velocity / 4),
            stepsOf(start) - stepsOf(first),
            stepsOf(end) - stepsOf(first),
          ]),
        );
      }),
    );
  });

  it("are the same after a MIDI file, written and read", () => {
    fc.assert(
      fc.property(performance, (notes) => {
        fc.pre(notes.length > 0);
        const ids = eventsOf(notes);
        expect([...musicFromOrThrow(midiOf(ids))]).toEqual([...ids]);
      }),
    );
  });

  it("that no performance would give make a file all the same, and the file tells as much as they do", () => {
    const id = fc.integer({ min: 0, max: 387 });
    fc.assert(
      fc.property(fc.array(id, { maxLength: 60 }), (ids) => {
        const notes = performanceOf(ids);
        fc.pre(notes.length > 0);
        expect([...musicFromOrThrow(midiOf(ids))]).toEqual([...eventsOf(notes)]);
      }),
    );
  });
});

describe("what is no MIDI file", () => {
  const whole = file("chpn-p22.mid");
  it.each([
    ["another format", Uint8Array.of(1, 2, 3, 4, 5), /is no MIDI file.*MThd/],
    ["nothing behind the header's name", whole.slice(0, 6), /cut off/],
    ["half a file", whole.slice(0, whole.length >> 1), /cut off/],
    ["no track", whole.slice(0, 14), /damaged.*0 of/],
    ["no notes", midiOf([]), /holds no notes/],
    [
      "half a second file",
      Uint8Array.from([...whole, ...whole.slice(0, 50)]),
      /file 2: the MIDI file is cut off/,
    ],
  ])("is refused: %s", (_, bytes, message) => {
    expect(() => musicFromOrThrow(bytes)).toThrow(message);
  });

  it("is refused where an event is cut in two", () => {
    // The last event of the only track loses its last byte, and the track says so.
    const bytes = midiOf([380, 60, 305, 188]).slice(0, -6);
    const track = 14 + 4;
    new DataView(bytes.buffer).setUint32(track, bytes.length - track - 4);
    expect(() => musicFromOrThrow(bytes)).toThrow(/damaged: got half an event/);
  });
});
