/** The name of a value's kind, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "number") return String(value);
  // One character more than is shown, so that a cut shows as one.
  return shorten(typeof value === "string" ? JSON.stringify(value.slice(0, 61)) : String(value));
}

/** A text on one line, of at most `length` characters. */
export function shorten(text: string, length = 60): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > length ? `${line.slice(0, length - 3)}...` : line;
}
