import type { Piece } from "./model.ts";
import { spaceMark } from "./normalize.ts";

/** Cuts a normalised text where no piece reaches across, so that its parts are encoded by themselves. */
export type WordSplit = (text: string) => Iterable<string>;

/** Before a mark for a space, unless some piece has the character before it and the mark within itself. */
export function wordSplit(pieces: readonly Piece[]): WordSplit {
  const joined = new Set(
    pieces.flatMap(({ text }) =>
      Array.from({ length: text.length - 1 }, (_, i) => text[i + 1]).flatMap((character, i) =>
        character === spaceMark ? [text[i]] : [],
      ),
    ),
  );
  return function* (text) {
    let from = 0;
    for (let at = text.indexOf(spaceMark, 1); at >= 0; at = text.indexOf(spaceMark, at + 1)) {
      if (joined.has(text[at - 1])) continue;
      yield text.slice(from, at);
      from = at;
    }
    yield text.slice(from);
  };
}
