/** Words that a text holds again and again: more than a natural language has of frequent ones. */
const mostWords = 2 ** 16;

/** Longer ones do not come again. */
const longest = 64;

/** The same function, which remembers what short words gave. */
export function cached<Result>(encode: (word: string) => Result): (word: string) => Result {
  const known = new Map<string, Result>();
  return (word) => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const result = encode(word);
    if (word.length > longest) return result;
    // A text that has other words now starts anew.
    if (known.size >= mostWords) known.clear();
    known.set(word, result);
    return result;
  };
}
