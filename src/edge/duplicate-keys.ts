/** Keys that stand twice in one object of a text that is valid JSON, without recursion: the text may be as deep as it is long. */
export function duplicateKeys(text: string): readonly string[] {
  /** The keys so far of each open object; a list has none. */
  const open: (Set<string> | undefined)[] = [];
  const duplicates: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
    } else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys !== undefined && isKey(text, end)) {
        const key = JSON.parse(text.slice(at, end + 1)) as string;
        if (keys.has(key)) duplicates.push(key);
        keys.add(key);
      }
      at = end;
    }
  }
  return duplicates;
}

/** Where the string that begins at `from` has its closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** A string of an object is a key where a colon follows. */
function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (/\s/.test(text[at])) at++;
  return text[at] === ":";
}
