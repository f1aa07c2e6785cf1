import { reformerConfig, type ReformerConfig } from "../../src/reformer/index.ts";
import type { Size } from "../frame/experiment.ts";

/** The models whose memory is compared. */
export const kinds = {
  "Transformer, L x L": { layer: "full", reversible: "none", plain: true, chunked: false },
  "Transformer, fused": { layer: "full", reversible: "none", plain: false, chunked: false },
  "LSH, stored": { layer: "lsh", reversible: "none", plain: false, chunked: false },
  Reversible: { layer: "full", reversible: "exact", plain: false, chunked: false },
  "Reversible, chunks": { layer: "full", reversible: "exact", plain: false, chunked: true },
  Reformer: { layer: "lsh", reversible: "exact", plain: false, chunked: false },
  "Reformer, chunks": { layer: "lsh", reversible: "exact", plain: false, chunked: true },
} as const;

export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly Kind[];

export interface MemorySettings {
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  /** Of lsh chunks. */
  readonly chunk: number;
  /** Rows at a time where a model has chunks. */
  readonly rows: number;
  /** With so many rounds where they do not vary. */
  readonly rounds: number;
  readonly lengths: readonly number[];
  readonly depths: readonly number[];
  readonly roundCounts: readonly number[];
}

const small: MemorySettings = {
  width: 256,
  heads: 4,
  vocabulary: 256,
  chunk: 64,
  rows: 256,
  rounds: 4,
  lengths: [1024, 2048, 4096],
  depths: [3, 6, 12],
  roundCounts: [1, 2, 4, 8],
};

export const settingsOf: Readonly<Record<Size, MemorySettings>> = {
  smallest: {
    ...small,
    width: 32,
    heads: 2,
    rows: 64,
    rounds: 1,
    chunk: 16,
    lengths: [128, 256],
    depths: [1, 3],
    roundCounts: [1, 2],
  },
  default: small,
  full: { ...small, lengths: [1024, 2048, 4096, 8192], depths: [3, 6, 12, 24] },
};

/** What a cell is about. */
export interface Case {
  readonly kind: Kind;
  readonly length: number;
  readonly depth: number;
  readonly rounds: number;
}

export const caseName = ({ kind, length, depth, rounds }: Case): string =>
  `${kind}, length ${length}, ${depth} layers, ${rounds} rounds`;

/** The case that is followed through a step: the deepest model at the middle length. */
export const followed = (settings: MemorySettings, kind: Kind): Case => ({
  kind,
  length: middle(settings),
  depth: settings.depths[settings.depths.length - 1],
  rounds: settings.rounds,
});

export const overTimeName = (settings: MemorySettings, kind: Kind): string =>
  `over time, ${caseName(followed(settings, kind))}`;

/** Where depth and rounds vary, the length is the middle one; where length and rounds vary, the depth is the first. */
export const middle = ({ lengths }: MemorySettings): number =>
  lengths[Math.floor((lengths.length - 1) / 2)];

export const modelOf = (
  { width, heads, vocabulary, chunk, rows }: MemorySettings,
  { kind, length, depth, rounds }: Case,
): ReformerConfig => {
  const { layer, reversible, chunked } = kinds[kind];
  const most = chunked ? rows : null;
  return reformerConfig({
    vocabulary,
    width,
    heads,
    headWidth: width / heads,
    feedForwardWidth: 4 * width,
    layers: Array.from({ length: depth }, () => layer),
    full: { queryKey: reversible === "none" ? "separate" : "shared" },
    lsh: { chunk, rounds, evaluationRounds: null },
    positions: { kind: "learned", length },
    reversible,
    feedForwardChunk: most,
    lossChunk: most,
  });
};
