import type {
  HashingReport,
  Reopened,
  RunBackend,
  RunFacts,
  RunStep,
} from "reformax/training/worker";
import sample from "../sample.txt?raw";

/** What the run is doing. */
export type Phase = "idle" | "starting" | "running" | "paused" | "stopped" | "failed";

/** Whose thread trains. */
export type Place = "worker" | "page";

/** A passage that the model wrote. */
export interface Written {
  readonly step: number;
  readonly text: string;
}

/** How a passage of the text was hashed. */
export interface Inspected {
  readonly step: number;
  readonly bytes: Uint8Array;
  readonly report: HashingReport;
}

/** Which of the hashings the visitor looks at; `layer` counts the lsh layers. */
export interface Choice {
  readonly layer: number;
  readonly head: number;
  readonly round: number;
}

/** Everything that the page shows; each panel is a function of it. */
export interface State {
  readonly text: string;
  readonly backend: RunBackend;
  readonly place: Place;
  readonly threads: number;
  readonly phase: Phase;
  /** What went wrong. */
  readonly error: string | null;
  readonly facts: RunFacts | null;
  readonly steps: readonly RunStep[];
  /** That the device was lost, and what the run went on from. */
  readonly reopened: Reopened | null;
  /** The newest last. */
  readonly written: readonly Written[];
  readonly inspected: Inspected | null;
  readonly choice: Choice;
  /** The token that is pointed at, in reading order. */
  readonly pointed: number | null;
  /** The text that the run learns. */
  readonly learned: string | null;
  /** Of the parameters after as many steps as Node took. */
  readonly hash: string | null;
}

export const defaultText: string = sample;

/** One core is left to the page, which has to stay responsive. */
export const defaultThreads = (cores: number): number => Math.max(1, cores - 1);

export const initialState = (cores: number): State => ({
  text: defaultText,
  backend: "auto",
  place: "worker",
  threads: defaultThreads(cores),
  phase: "idle",
  error: null,
  facts: null,
  steps: [],
  reopened: null,
  written: [],
  inspected: null,
  choice: { layer: 0, head: 0, round: 0 },
  pointed: null,
  learned: null,
  hash: null,
});
