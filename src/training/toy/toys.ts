import { drawn } from "../data/drawn.ts";

/** Uniform 32-bit words, one after the other. */
export type Draw = () => number;

/** A question and its answer, in tokens above 0. */
export interface Riddle {
  readonly question: readonly number[];
  readonly answer: readonly number[];
}

/** A toy task: riddles of a size that a length has room for. */
interface Toy {
  /** Where nobody says how many. */
  readonly symbols: number;
  /** Tokens, with 0, which stands before question and answer and behind all. */
  readonly vocabulary: (symbols: number) => number;
  /** The largest size that fits into a length, below 1 where none does. */
  readonly size: (length: number) => number;
  /** Words that a riddle draws. */
  readonly words: (size: number) => number;
  readonly riddle: (size: number, symbols: number, draw: Draw) => Riddle;
}

/** Two runs of symbols behind a mark each. */
const twice = {
  symbols: 32,
  vocabulary: (symbols: number): number => symbols + 1,
  size: (length: number): number => Math.floor(length / 2) - 1,
  words: (size: number): number => size,
};

const symbolsOf = (size: number, symbols: number, draw: Draw): readonly number[] =>
  // A word is 32 bits: the bias of the remainder is below symbols / 2^32.
  Array.from({ length: size }, () => 1 + (draw() % symbols));

const answering =
  (answerOf: (question: readonly number[]) => readonly number[]): Toy["riddle"] =>
  (size, symbols, draw) => {
    const question = symbolsOf(size, symbols, draw);
    return { question, answer: answerOf(question) };
  };

/** All toy tasks. `symbols` is how many different ones there are. */
export const toys = {
  /** The same again: the paper's 0w0w (section 5). */
  copy: { ...twice, riddle: answering((question) => question) },
  reverse: { ...twice, riddle: answering((question) => [...question].reverse()) },
  sort: { ...twice, riddle: answering((question) => [...question].sort((a, b) => a - b)) },
  /** Two numbers and their sum, in the base `symbols`, the lowest digit first, so that carries go the way the text does. */
  addition: {
    symbols: 10,
    vocabulary: (symbols) => symbols + 2,
    size: (length) => Math.floor((length - 4) / 3),
    words: (size) => 2 * size,
    riddle: (size, base, draw) => {
      const [a, b] = [symbolsOf(size, base, draw), symbolsOf(size, base, draw)];
      return { question: [...a, base + 1, ...b], answer: sumOf(a, b, base) };
    },
  },
  /** The sum of all, modulo `symbols`: of two symbols, whether the number of twos is even (1) or odd (2). */
  parity: {
    symbols: 2,
    vocabulary: (symbols) => symbols + 1,
    size: (length) => length - 3,
    words: (size) => size,
    riddle: (size, symbols, draw) => {
      const question = symbolsOf(size, symbols, draw);
      const sum = question.reduce((total, symbol) => total + symbol - 1, 0);
      return { question, answer: [1 + (sum % symbols)] };
    },
  },
  /** Whether brackets of `symbols` kinds match (1) or not (2): half do, and in the others one bracket is wrong. */
  brackets: {
    symbols: 2,
    vocabulary: (symbols) => 2 * symbols + 1,
    size: (length) => 2 * Math.floor((length - 3) / 2),
    words: (size) => size + 3,
    riddle: brackets,
  },
} as const satisfies Readonly<Record<string, Toy>>;

export type ToyName = keyof typeof toys;

export const toyNames = Object.keys(toys) as readonly ToyName[];

/** The toy task of a name, as all of them are. */
export const toyOf = (name: ToyName): Toy => toys[name];

function sumOf(a: readonly number[], b: readonly number[], base: number): readonly number[] {
  let carry = 0;
  const digits = a.map((digit, i) => {
    const sum = digit - 1 + b[i] - 1 + carry;
    carry = Math.floor(sum / base);
    return 1 + (sum % base);
  });
  return [...digits, 1 + carry];
}

/** The bracket that opens a kind, from 0; the one behind it closes. */
const opening = (kind: number): number => 2 * kind + 1;

function brackets(size: number, kinds: number, draw: Draw): Riddle {
  const question: number[] = [];
  const open: number[] = [];
  for (let i = 0; i < size; i++) {
    const word = draw();
    const mustClose = open.length === size - i;
    if (open.length === 0 || (!mustClose && word % 2 === 0)) {
      const kind = (word >>> 1) % kinds;
      open.push(kind);
      question.push(opening(kind));
    } else question.push(opening(open.pop() ?? 0) + 1);
  }
  const [isWrong, at, how] = [draw() % 2 === 1, drawn(draw(), size), draw()];
  if (isWrong) question[at] = otherBracket(question[at], kinds, how);
  return { question, answer: [isWrong ? 2 : 1] };
}

/** A bracket in whose place another one cannot match: it turns, or is of another kind. */
function otherBracket(bracket: number, kinds: number, word: number): number {
  const [kind, side] = [(bracket - 1) >> 1, (bracket - 1) & 1];
  if (kinds === 1 || word % 2 === 0) return opening(kind) + 1 - side;
  return opening((kind + 1 + ((word >>> 1) % (kinds - 1))) % kinds) + side;
}
