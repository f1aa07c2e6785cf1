/** Where HuggingFace begins to count automatic buckets in two factors: it follows from the longest sequence of its configuration. */
export const mostInOneFactor = (longest: number, chunk: number): number =>
  2 * Math.max(Math.floor(Math.sqrt(Math.floor(longest / chunk))), chunk);
