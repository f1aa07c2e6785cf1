import type { SentencePieceModel } from "./model.ts";

/** How much less likely the unknown is than the least likely piece. */
const unknownPenalty = 10;

/** The best way to an end of a piece. */
interface Best {
  readonly id: number;
  readonly from: number;
  readonly score: number;
}

/**
 * The pieces whose scores have the largest sum, as sentencepiece finds them, rounding included: sums of two float32 are compared in float64,
 * and kept in float32, and of equals the first found stays. Several unknown in a row are one.
 *
 * @see Kudo 2018, Subword Regularization
 */
export function unigram({ pieces, unknown }: SentencePieceModel): (text: string) => Uint16Array {
  const normal = pieces.flatMap((piece, id) => (piece.type === "normal" ? [{ ...piece, id }] : []));
  const known = new Map(normal.map((piece) => [piece.text, piece]));
  const longest = normal.reduce((most, { text }) => Math.max(most, text.length), 0);
  const least = normal.reduce((smallest, { score }) => Math.min(smallest, score), Infinity);
  const unknownScore = Math.fround(least - unknownPenalty);
  return (text) => {
    const bestAt: (Best | undefined)[] = [{ id: unknown, from: 0, score: 0 }];
    for (let from = 0; from < text.length; from += lengthAt(text, from)) {
      const before = bestAt[from]?.score ?? 0;
      const own = lengthAt(text, from);
      const offer = (id: number, to: number, score: number): void => {
        const best = bestAt[to];
        if (best === undefined || score > best.score)
          bestAt[to] = { id, from, score: Math.fround(score) };
      };
      const last = Math.min(text.length, from + longest);
      for (let to = from + own; to <= last; to++) {
        const piece = known.get(text.slice(from, to));
        if (piece) offer(piece.id, to, piece.score + before);
      }
      if (!known.has(text.slice(from, from + own)))
        offer(unknown, from + own, Math.fround(unknownScore + before));
    }
    return idsAlong(bestAt, text.length, unknown);
  };
}

/** Code units of the character that begins here. */
const lengthAt = (text: string, at: number): number =>
  (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;

function idsAlong(
  bestAt: readonly (Best | undefined)[],
  end: number,
  unknown: number,
): Uint16Array {
  const ids: number[] = [];
  for (let at = end; at > 0;) {
    const { id, from } = bestAt[at] ?? { id: unknown, from: at - 1 };
    if (id !== unknown || ids.at(-1) !== unknown) ids.push(id);
    at = from;
  }
  return Uint16Array.from(ids.reverse());
}
