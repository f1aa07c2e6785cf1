import {
  boolean,
  integer,
  nullable,
  number,
  oneOf,
  optional,
  pairOf,
  struct,
  tagged,
  withDefault,
  withKind,
  type Decoded,
  type Decoder,
  type WithOptional,
} from "../../edge/decoder.ts";
import * as E from "fp-ts/lib/Either.js";
import { kindOf } from "../../edge/kind-of.ts";
import { invalid } from "../../edge/problem.ts";
import { bytesPlusTwo } from "../../interop/index.ts";

/** What WebAssembly can address. */
const defaultMemoryBudget = 2 ** 32;

const positive = integer({ min: 1, max: 2 ** 30 });
const steps = integer({ min: 0, max: 2 ** 31 - 1 });
const decay = number({ min: 0, below: 1 });

const sgd = struct({ momentum: withDefault(decay, 0) });

const adamFields = {
  beta1: withDefault(decay, 0.9),
  beta2: withDefault(decay, 0.999),
  epsilon: withDefault(number({ above: 0 }), 1e-8),
};
const adam = struct(adamFields);
const adamw = struct({ ...adamFields, weightDecay: withDefault(number({ min: 0 }), 0.01) });

const adafactor = struct({
  /** Which axes are factored, and how weights decay. */
  convention: withDefault(oneOf("optax", "transformers", "trax"), "optax"),
  /** Second moments keep the share 1 - t^-exponent in step t. */
  decayExponent: withDefault(number({ above: 0 }), 0.8),
  /** Largest root mean square of an array's updates, or null. */
  clipRms: withDefault(nullable(number({ above: 0 })), 1),
  /** Whether the rate is relative to the root mean square of an array. */
  relative: withDefault(boolean, true),
  momentum: withDefault(nullable(decay), null),
  /** That of the convention when absent. */
  weightDecay: optional(number({ min: 0 })),
});

type Optimizer =
  | (Decoded<typeof sgd> & { readonly kind: "sgd" })
  | (Decoded<typeof adam> & { readonly kind: "adam" })
  | (Decoded<typeof adamw> & { readonly kind: "adamw" })
  | (WithOptional<Decoded<typeof adafactor>> & { readonly kind: "adafactor" });

const rate = number({ above: 0 });
const horizon = integer({ min: 1, max: 2 ** 31 - 1 });

const scheduleFields = {
  /** The largest learning rate. */
  rate,
  /** Steps of linear growth from zero. */
  warmup: withDefault(steps, 0),
  /** Number of steps that the schedule is made for, and the run's length unless `--steps` stops it earlier. */
  horizon,
};
const plainSchedule = struct(scheduleFields);
const cosine = struct({
  ...scheduleFields,
  /** Learning rate at the horizon, as a fraction of the largest. */
  floor: withDefault(number({ min: 0, max: 1 }), 0),
});

const oneCycle = struct({
  rate,
  horizon,
  /** Share of the horizon in which the rate rises. */
  rising: withDefault(number({ above: 0, below: 1 }), 0.3),
  /** The first rate is the largest over this; the last is the first over `endDivisor`. */
  startDivisor: withDefault(number({ above: 0 }), 25),
  endDivisor: withDefault(number({ above: 0 }), 1e4),
});

type Schedule =
  | (Decoded<typeof plainSchedule> & { readonly kind: "constant" | "rsqrt" })
  | (Decoded<typeof cosine> & { readonly kind: "cosine" })
  | (Decoded<typeof oneCycle> & { readonly kind: "oneCycle" });

/** The section about learning. */
export const trainingFields = {
  batch: positive,
  /** Tokens that a window predicts. */
  length: positive,
  optimizer: withDefault(
    tagged<Optimizer>({
      sgd: withKind("sgd", sgd),
      adam: withKind("adam", adam),
      adamw: withKind("adamw", adamw),
      adafactor: withKind("adafactor", adafactor),
    }),
    { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ),
  schedule: tagged<Schedule>({
    constant: withKind("constant", plainSchedule),
    rsqrt: withKind("rsqrt", plainSchedule),
    cosine: withKind("cosine", cosine),
    oneCycle: withKind("oneCycle", oneCycle),
  }),
  /** Largest global norm of the gradient, or null. */
  clip: withDefault(nullable(number({ above: 0 })), 1),
  /** Largest magnitude of an element of the gradient; absent for none. */
  clipValue: optional(number({ above: 0 })),
  /** Batches whose gradients are averaged for one update: a step of the schedule; 1 when absent. */
  accumulate: optional(integer({ min: 1, max: 2 ** 20 })),
  /** Decay of a moving average of the parameters, with which the run is measured and predicts; absent for none. */
  average: optional(decay),
  /** Share of each target that goes to all tokens evenly, in training; 0 when absent. */
  labelSmoothing: optional(decay),
  /** When parameters change: after the gradient of all, or layer by layer inside the reverse sweep. */
  update: withDefault(oneOf("afterwards", "inSweep"), "afterwards"),
  /** Bytes that a training step may plan with: chunks that are `auto` are chosen to fit. */
  memoryBudget: withDefault(integer({ min: 1, max: 2 ** 40 }), defaultMemoryBudget),
  /** How sums of products round on the fast kernels: the same everywhere, or faster. */
  arithmetic: withDefault(oneOf("strict", "relaxed"), "strict"),
  seed: withDefault(integer({ min: 0, max: 2 ** 32 - 1 }), 0),
  /** Steps between measurements on the validation tokens; 0 for none but the last. */
  validateEvery: withDefault(steps, 0),
  /** Validation tokens, or records where data are records, from the first, that a measurement during training takes; null for all. */
  validateBytes: withDefault(nullable(positive), null),
  /** Steps between checkpoints; 0 for none but the last. */
  checkpointEvery: withDefault(steps, 0),
  /** Checkpoints that are kept. */
  keep: withDefault(integer({ min: 1, max: 1_000_000 }), 3),
};

export const trainingConfig = struct(trainingFields);

export type TrainingConfig = WithOptional<Decoded<typeof trainingConfig>>;

const tokenizerName: Decoder<string> = (value, where) =>
  value === bytesPlusTwo.kind || (typeof value === "string" && /^[0-9a-f]{64}$/.test(value))
    ? E.right(value)
    : invalid({
        where,
        problem: "is no tokenizer",
        expected: `${bytesPlusTwo.kind}, or 64 hexadecimal digits, the SHA-256 of a file`,
        got: kindOf(value ?? null),
      });

const range = pairOf(integer({ min: 0 }));

/** Which tokens, or records, to learn from and to be measured on; null for the default split. */
export const rangeFields = {
  train: withDefault(nullable(range), null),
  validation: withDefault(nullable(range), null),
};

/** The section about data: which tokens, never where they lie. */
export const dataConfig = struct({
  /**
   * Whether every byte is a token, or every two bytes (the lower one first) the id of one, or the data are MIDI files of events, or a text of
   * which a tokenizer makes ids.
   */
  tokens: withDefault(oneOf("bytes", "u16le", "midi", "text"), "bytes"),
  /** The tokenizer of a text: `bytes+2`, or the SHA-256 of its file, in hexadecimal. */
  tokenizer: optional(tokenizerName),
  ...rangeFields,
  /** Where windows lie. `whole`: each is all of the training tokens, padded at both ends to `training.length`. */
  order: withDefault(oneOf("random", "contiguous", "whole"), "random"),
});

export type DataConfig = WithOptional<Decoded<typeof dataConfig>>;
