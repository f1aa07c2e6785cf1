/** What a caller gave, in few words: for messages about arguments whose types nobody checked. */
export function describeArgument(given: unknown): string {
  switch (typeof given) {
    case "string":
      return JSON.stringify(given.length > 60 ? `${given.slice(0, 57)}...` : given);
    case "function":
      return given.name === "" ? "a function" : `the function ${given.name}`;
    case "bigint":
      return `${given}n`;
    case "object":
      return describeObject(given);
    default:
      return String(given);
  }
}

function describeObject(given: object | null): string {
  if (given === null) return "null";
  if (Array.isArray(given)) return describeList(given);
  if ("aval" in given && "shape" in given) return `an array of shape [${String(given.shape)}]`;
  const kind = Object.prototype.toString.call(given).slice("[object ".length, -1);
  const keys = Object.keys(given);
  if (kind !== "Object") return `a ${kind}`;
  return keys.length === 0 ? "an empty object" : `an object of ${keys.slice(0, 8).join(", ")}`;
}

function describeList(given: readonly unknown[]): string {
  const shown = given
    .slice(0, 8)
    .map((item) => (Array.isArray(item) ? "[...]" : describeArgument(item)));
  return `[${[...shown, ...(given.length > 8 ? ["..."] : [])].join(", ")}]`;
}
