import type { TrainConfig } from "../config/train-config.ts";
import type { TrainConfigChoices } from "../config/configure.ts";
import type { StepRecord, ValidationRecord } from "../next-token/records.ts";
import type { ErrorMessage } from "./errors.ts";
import type { HashingReport } from "./hashing-report.ts";

/** What a page may ask to compute on; {@link StartBackend} says what that means. */
export type RunBackend = "wasm" | "webgpu" | "reference" | "auto";

/** What a page may ask of a device, as the options of `init("webgpu")`; a `GPUDevice` itself cannot be sent to a worker. */
export interface DeviceChoices {
  readonly powerPreference?: "low-power" | "high-performance";
  readonly arithmetic?: "exact" | "relaxed";
  readonly products?: "f32" | "f16";
  readonly check?: boolean;
  readonly windowBytes?: number;
  readonly spareBytes?: number;
}

/** What a run is to be. */
export interface StartRequest {
  /** Default: the configuration of the checkpoint, or else of the default preset. */
  readonly config?: TrainConfigChoices;
  /** What to go on from, in place of a configuration: the bytes of a checkpoint of a run on the same text. */
  readonly checkpoint?: Uint8Array;
  /** The text, as tokens of one byte; where the configuration says u16le, two bytes are the id of one. */
  readonly text: Uint8Array;
  /** What to compute on; the choice of the worker's file when absent. */
  readonly backend?: RunBackend;
  /** What is asked of a device, where one computes. */
  readonly device?: DeviceChoices;
  /** Threads to compute on; as many as there are cores when absent. */
  readonly threads?: number;
  /** Steps, from the run's beginning, at which to stop; the schedule's horizon when absent. */
  readonly steps?: number;
  /** Steps after which the hash of the parameters is reported. */
  readonly hashAt?: readonly number[];
}

/** What a run computes on, and why not on what was wanted first. */
export interface RunPlace {
  readonly name: string;
  readonly fallback?: string;
}

/** The device was lost: another one was opened, once, and the run went on from where its state was kept last. */
export interface Reopened {
  /** What the device's loss was said to be. */
  readonly reason: string;
  /** Steps behind this one are told again. */
  readonly from: number;
  readonly backend: RunPlace;
}

/** What is known of a run before its first step. */
export interface RunFacts {
  /** The complete configuration. */
  readonly config: TrainConfig;
  /** Number of parameters. */
  readonly parameters: number;
  /** Why a run that goes on from a checkpoint will not give the bits that its writer would have given. */
  readonly warnings?: readonly string[];
  /** Largest number of bytes that a training step holds at once; absent where the back end does not plan. */
  readonly plannedBytes?: number;
  readonly backend: RunPlace;
  /** On how many threads it computes, and why not on more. */
  readonly threads: { readonly count: number; readonly reason?: string };
}

/** One step of a run. */
export interface RunStep {
  readonly step: number;
  readonly metrics: StepRecord;
  readonly validation?: ValidationRecord;
  /** Of the parameters after this step, where it was asked for: SHA-256 in hexadecimal. */
  readonly parameterHash?: string;
  /** Of the first step after the device was lost. */
  readonly reopened?: Reopened;
}

/** How a run ended. */
export interface RunEnd {
  readonly step: number;
  /** Whether it stopped early because it was asked to. */
  readonly interrupted: boolean;
}

/** What to write with the parameters as they are. */
export interface GenerateRequest {
  readonly prompt: Uint8Array;
  /** Bytes to write. */
  readonly count: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  /** Sequences of bytes that end the text and are no part of it. */
  readonly stops?: readonly Uint8Array[];
  /** Chooses among what the model thinks possible; equal seeds write equal texts. */
  readonly seed: number;
  /** Bytes that the model looks back at; as many as a training window when absent. */
  readonly context?: number;
}

/** Every question that a page may ask, and its answer. */
export interface Calls {
  readonly start: { readonly request: StartRequest; readonly reply: RunFacts };
  readonly pause: { readonly request: null; readonly reply: null };
  readonly resume: { readonly request: null; readonly reply: null };
  /** Null where the run broke. */
  readonly stop: { readonly request: null; readonly reply: RunEnd | null };
  readonly generate: { readonly request: GenerateRequest; readonly reply: Uint8Array };
  readonly inspect: { readonly request: Uint8Array; readonly reply: HashingReport };
  readonly checkpoint: { readonly request: null; readonly reply: Uint8Array };
}

export type CallName = keyof Calls;

/** What a page sends. */
export type ToWorker = {
  [Name in CallName]: {
    readonly kind: Name;
    readonly id: number;
    readonly request: Calls[Name]["request"];
  };
}[CallName];

/** What a worker sends. */
export type FromWorker =
  | { readonly kind: "reply"; readonly id: number; readonly reply: Calls[CallName]["reply"] }
  | { readonly kind: "failure"; readonly id: number; readonly error: ErrorMessage }
  | RunMessage;

/** What happens to the run that the call number `run` started. */
export type RunMessage =
  | { readonly kind: "step"; readonly run: number; readonly step: RunStep }
  | { readonly kind: "end"; readonly run: number; readonly end: RunEnd }
  | { readonly kind: "broken"; readonly run: number; readonly error: ErrorMessage };
