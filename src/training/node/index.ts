/** What training needs of Node: files, checkpoints, memory. */
export {
  noFaults,
  writeAtomically,
  type FaultHook,
  type FaultPoint,
} from "../../edge/node/atomic-write.ts";
export { sha256, stepsIn } from "./checkpoint-files.ts";
export type { Checkpoint } from "../checkpoint/checkpoint.ts";
export { convertAnyCheckpoint, convertCheckpoint, type Converted } from "./convert-checkpoint.ts";
export { playHashes, recordHashes, type HashPlayer, type HashRecorder } from "./hash-files.ts";
export { loadAnyCheckpoint, loadCheckpoint, type Loaded } from "./load-checkpoint.ts";
export { saveCheckpoint } from "./save-checkpoint.ts";
export { readData } from "./data.ts";
export { peakMemoryBytes } from "./memory.ts";
