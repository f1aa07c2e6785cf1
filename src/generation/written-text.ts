import { checkSomeOf, type KindsOf } from "../core/arguments.ts";
import { listOf, orAbsent } from "../core/kinds.ts";
import { checkStops, stopFilter } from "./stops.ts";

/** What tokens are to a reader, one text at a time: the bytes of ids, as a tokenizer knows them. */
export interface TokenDecoder {
  /** What can be said of the text with one token more; a part of a character may wait. */
  push(token: number): ArrayLike<number>;
  /** What waited, when the text ends. */
  end(): ArrayLike<number>;
}

export interface StopOptions {
  /** Tokens that end a text and are no part of it. */
  readonly endTokens?: readonly number[];
  /**
   * Sequences that end a text and are no part of it, in what is given out: ids, or with a decoder its bytes. One may begin and end
   * within tokens.
   */
  readonly stops?: readonly ArrayLike<number>[];
  /** Makes what turns the tokens of one text into what is given out; ids are when absent. */
  readonly decoder?: () => TokenDecoder;
}

/** A text that is being written, as others see it. */
export interface WrittenText {
  /** One more token; the last one that there is place for ends the text. */
  push(token: number, isLast: boolean): readonly number[];
  readonly isOpen: boolean;
}

export const checkStopOptions = (options: StopOptions, where: string): void => {
  checkSomeOf(options, stopKinds, "options", where);
  checkStops(options.stops ?? [], where);
};

const stopKinds: KindsOf<StopOptions> = {
  endTokens: orAbsent("numbers"),
  stops: orAbsent(listOf("numbers")),
  decoder: orAbsent("function"),
};

const identity = (): TokenDecoder => ({ push: (token) => [token], end: () => [] });

/** What comes out of a text's tokens, until a stop, a token that ends it, or the last one. */
export function writtenText({
  endTokens = [],
  stops = [],
  decoder = identity,
}: StopOptions): WrittenText {
  const decoded = decoder();
  const filter = stopFilter(stops);
  let isOpen = true;
  return {
    push: (token, isLast) => {
      const isEnd = endTokens.includes(token);
      const seen = isEnd ? [] : filter.push(decoded.push(token));
      isOpen = !(isEnd || isLast || filter.hasStopped);
      if (isOpen || filter.hasStopped) return seen;
      return [...seen, ...filter.push(decoded.end()), ...filter.end()];
    },
    get isOpen() {
      return isOpen;
    },
  };
}
