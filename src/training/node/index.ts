/** What training needs of Node: files, checkpoints, memory. */
export { noFaults, writeAtomically, type FaultHook, type FaultPoint } from "./atomic-write.ts";
export { sha256, stepsIn, type Checkpoint } from "./checkpoint-files.ts";
export { loadCheckpoint, readCheckpoint, type Loaded } from "./load-checkpoint.ts";
export { saveCheckpoint } from "./save-checkpoint.ts";
export { readData } from "./data.ts";
export { peakMemoryBytes } from "./memory.ts";
