/* What comes out of a text with stops: everything before the first one, whatever pieces the text comes in. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkStops, stopFilter } from "../../src/generation/stops.ts";
import { writtenText, type StopOptions } from "../../src/generation/written-text.ts";

const symbols = fc.array(fc.nat(2), { maxLength: 30 });
const stops = fc.array(fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }), { maxLength: 3 });

/** Before the stop that is complete first; of those, the one that begins first. */
function before(text: readonly number[], sequences: readonly (readonly number[])[]) {
  for (let end = 1; end <= text.length; end++) {
    const lengths = sequences
      .filter((stop) => text.slice(0, end).join().endsWith(stop.join()) && stop.length <= end)
      .map(({ length }) => length);
    if (lengths.length > 0) return text.slice(0, end - Math.max(...lengths));
  }
  return undefined;
}

test("a filter gives what is before the first stop, and everything where there is none", () => {
  fc.assert(
    fc.property(symbols, stops, fc.array(fc.nat(4)), (text, sequences, pieces) => {
      const filter = stopFilter(sequences);
      const seen: number[] = [];
      let at = 0;
      for (const size of [...pieces, text.length]) {
        const known = seen.length;
        seen.push(...filter.push(text.slice(at, at + size)));
        at = Math.min(text.length, at + size);
        // Nothing is given before it is known to be no part of a stop, and nothing is taken back.
        const expected = before(text, sequences) ?? text;
        expect(seen).toEqual(expected.slice(0, seen.length));
        expect(seen.length).toBeGreaterThanOrEqual(known);
        // What is held back is the beginning of a stop.
        const held = at - seen.length;
        if (!filter.hasStopped && held > 0) {
          const rest = text.slice(seen.length, at).join();
          expect(sequences.some((stop) => stop.slice(0, held).join() === rest)).toBe(true);
        }
      }
      const expected = before(text, sequences);
      expect(filter.hasStopped).toBe(expected !== undefined);
      seen.push(...filter.end());
      expect(seen).toEqual(expected ?? text);
    }),
  );
});

test("an empty stop is refused", () => {
  expect(() => {
    checkStops([[1], []], "here");
  }).toThrow(/here: a stop sequence is empty.*lengths 1, 0/);
});

const encoder = new TextEncoder();
/** Ids of words, whose bytes come a token late, as those of a tokenizer that waits for whole characters may. */
const words = ["the", " end", "!", " e", "nd"];
const late = (): ReturnType<NonNullable<StopOptions["decoder"]>> => {
  let waiting: Uint8Array = new Uint8Array();
  const turn = (next: Uint8Array): Uint8Array => {
    const given = waiting;
    waiting = next;
    return given;
  };
  return { push: (id) => turn(encoder.encode(words[id])), end: () => turn(new Uint8Array()) };
};

test("stops of bytes begin and end within tokens", () => {
  const write = (ids: readonly number[], stop: string): string => {
    const text = writtenText({ stops: [encoder.encode(stop)], decoder: late });
    const bytes: number[] = [];
    ids.forEach((id, i) => {
      if (text.isOpen) bytes.push(...text.push(id, i === ids.length - 1));
    });
    expect(text.isOpen).toBe(false);
    return new TextDecoder().decode(Uint8Array.from(bytes));
  };
  expect(write([0, 1, 2, 0], "end")).toBe("the ");
  expect(write([0, 3, 4, 2, 0], "he end")).toBe("t");
  expect(write([0, 3, 4], "end!")).toBe("the end");
  expect(write([0, 3, 4, 2], "end!")).toBe("the ");
});

test("a token that ends a text is no part of it, and lets go what was held back", () => {
  const text = writtenText({ endTokens: [9], stops: [[1, 2]] });
  expect(text.push(1, false)).toEqual([]);
  expect(text.push(9, false)).toEqual([1]);
  expect(text.isOpen).toBe(false);
});
