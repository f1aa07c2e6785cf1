/** Whether a character is a letter or a number: at the borders of those, texts are cut into tokens. */
const isWordCharacter = (character: string): boolean => /^[\p{L}\p{N}]/u.test(character);

const runs = /[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu;

/** Runs of letters and numbers, and runs of others; a single space between words goes, because it is put back. */
export const tokensOf = (text: string): readonly string[] =>
  (text.match(runs) ?? []).filter(
    (token, i, all) => token !== " " || i === 0 || i === all.length - 1,
  );

/** The text of tokens: between two words stands a space. */
export const joinTokens = (tokens: readonly string[]): string =>
  tokens
    .map((token, i) => {
      const betweenWords = i > 0 && isWordCharacter(tokens[i - 1]) && isWordCharacter(token);
      return betweenWords ? ` ${token}` : token;
    })
    .join("");

/** Ends a token. */
const ending = "_";

/** Characters that escapes are made of: always in the alphabet. */
const escapeCharacters = String.raw`\_u;0123456789`;

/** All characters that a vocabulary can spell. */
export const alphabetOf = (subwords: Iterable<string>): ReadonlySet<string> => {
  const alphabet = new Set(escapeCharacters);
  for (const subword of subwords) for (const character of subword) alphabet.add(character);
  return alphabet;
};

/** A token with its end, and with what is not in the alphabet as the number of the character. */
export const escapeToken = (token: string, alphabet: ReadonlySet<string>): string =>
  Array.from(token.replaceAll("\\", String.raw`\\`).replaceAll(ending, String.raw`\u`))
    .map((character) =>
      alphabet.has(character) && character !== "\n"
        ? character
        : `\\${character.codePointAt(0) ?? 0};`,
    )
    .join("") + ending;

/** Stands for a number that is no character. */
const noCharacter = "\u3013";

/** The tokens that escaped ones with their ends, one behind the other, are. */
export const unescapeTokens = (escaped: string): readonly string[] =>
  escaped.split(ending).filter(Boolean).map(unescapeToken).filter(Boolean);

const unescapeToken = (escaped: string): string =>
  escaped.replace(/\\u|\\\\|\\([0-9]+);/g, (match, number: string | undefined) => {
    if (number === undefined) return match === String.raw`\u` ? ending : "\\";
    const code = Number(number);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : noCharacter;
  });
