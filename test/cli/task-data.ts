const pairs = Array.from({ length: 40 }, (_, i) => `go ${i % 4}\tgeh ${i % 4}\n`);
const labels = Array.from({ length: 40 }, (_, i) => `${"ab"[i % 2]}\t${"ab"[i % 2].repeat(9)}\n`);
const questions = Array.from({ length: 40 }, (_, i) => {
  const answers = { text: [String(i % 10)], answer_start: [1] };
  return `${JSON.stringify({ question: "x?", context: `x${i % 10} y`, answers })}\n`;
});

/** The least that tasks learn something from. */
export const taskData = {
  masked: "to be or not to be ".repeat(20),
  classify: labels.join(""),
  spans: questions.join(""),
  translate: pairs.join(""),
  images: Uint8Array.from({ length: 640 }, (_, i) => (i * 7) % 256),
} as const;

/** The least of a model that every task takes. */
export const taskModel = {
  width: 8,
  heads: 1,
  headWidth: 8,
  feedForwardWidth: 16,
  feedForwardChunk: null,
  lossChunk: null,
  positions: { kind: "axial", shape: [4, 4], widths: [4, 4] },
} as const;

/** And of its windows, where it has some. */
export const taskWindows = { local: { chunk: 4 }, lsh: { chunk: 4 } } as const;
