import cliProgress from "cli-progress";
import {
  formatBits,
  type Bits,
  type StepRecord,
  type ValidationRecord,
} from "../training/index.ts";

/** Shows how training goes. */
export interface ProgressDisplay {
  readonly step: (record: StepRecord) => void;
  readonly validation: (record: ValidationRecord) => void;
  /** A line for the reader, above the bar. */
  readonly note: (text: string) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, plain lines elsewhere. */
export const createProgress = (first: number, last: number): ProgressDisplay =>
  process.stdout.isTTY ? bar(first, last) : lines(first, last);

export const formatBytes = (bytes: number | undefined): string =>
  bytes === undefined
    ? "unknown"
    : bytes < 2 ** 30
      ? `${(bytes / 2 ** 20).toFixed(0)} MiB`
      : `${(bytes / 2 ** 30).toFixed(2)} GiB`;

const formatSpeed = (tokensPerSecond: number): string => Math.round(tokensPerSecond).toString();

const formatValidation = ({ step, validation }: ValidationRecord): string =>
  `step ${step}: validation ${formatBits(validation, 4)} over ${validation.tokens} ${unitOfBits(validation)}s`;

const unitOfBits = ({ bitsPerByte }: Bits): string =>
  bitsPerByte === undefined ? "token" : "byte";

function bar(first: number, last: number): ProgressDisplay {
  const format =
    "{bar} {value}/{total} | {loss} | {speed} tokens/s | peak {memory} | {eta_formatted} left";
  const options = { format, hideCursor: true, clearOnComplete: false, stream: process.stdout };
  const bars = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
  const shown = bars.create(last, first, { loss: "-", speed: "-", memory: "-" });
  const note = (text: string): void => {
    bars.log(`${text}\n`);
    bars.update();
  };
  return {
    step: ({ step, tokensPerSecond, peakMemoryBytes, ...loss }) => {
      shown.update(step, {
        loss: formatBits(loss, 3),
        speed: formatSpeed(tokensPerSecond),
        memory: formatBytes(peakMemoryBytes),
      });
    },
    validation: (record) => {
      note(formatValidation(record));
    },
    note,
    stop: () => {
      bars.stop();
    },
  };
}

/** Number of lines about steps that a run prints, whatever its length. */
const linesPerRun = 20;

function lines(first: number, last: number): ProgressDisplay {
  const every = Math.max(1, Math.ceil((last - first) / linesPerRun));
  const print = (text: string): void => {
    console.log(text);
  };
  return {
    step: ({ step, tokensPerSecond, peakMemoryBytes, ...loss }) => {
      if (step !== first + 1 && step !== last && step % every !== 0) return;
      print(
        `step ${step}/${last}: ${formatBits(loss, 3)}, ` +
          `${formatSpeed(tokensPerSecond)} tokens/s, peak ${formatBytes(peakMemoryBytes)}`,
      );
    },
    validation: (record) => {
      print(formatValidation(record));
    },
    note: print,
    stop: () => undefined,
  };
}
