/** Shorter paragraphs are headings, mostly. */
const leastBytes = 160;

/** Bytes of a text to look at: so many from the first long paragraph on, or the last ones there are. */
export function passageOf(text: string, length: number): Uint8Array {
  const encoder = new TextEncoder();
  let start = 0;
  for (const paragraph of text.split(/(?<=\n\n)/)) {
    const size = encoder.encode(paragraph).length;
    if (size >= leastBytes) break;
    start += size;
  }
  const bytes = encoder.encode(text);
  const from = Math.max(0, Math.min(start, bytes.length - length));
  return bytes.slice(from, from + length);
}

/** What the model goes on from: the first words of a text. */
export function beginningOf(text: string): string {
  const words = text.trim().split(/\s+/).slice(0, 3).join(" ");
  return `${words.slice(0, 40)} `;
}
