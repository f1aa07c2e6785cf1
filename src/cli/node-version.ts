/** What package.json asks of Node in `engines`: the oldest minor version of each line, and everything newer than the last. */
const oldest = [
  { major: 20, minor: 19 },
  { major: 22, minor: 12 },
] as const;

/** For a reader: `20.19, 22.12 or later`. */
export const supportedNode = `${oldest.map(({ major, minor }) => `${major}.${minor}`).join(", ")} or later`;

/** Whether the package is for this version of Node, as in `20.19.3`. */
export function isSupportedNode(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  const last = oldest[oldest.length - 1];
  if (major > last.major) return true;
  return oldest.some((line) => line.major === major && minor >= line.minor);
}
