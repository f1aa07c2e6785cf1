/** Training in a worker, so that the page which shows it stays free: one side for the worker's file, one for the page. */
export { connectTraining, type RemoteRun, type TrainingConnection } from "./connect.ts";
export type { HashingReport, LayerReport } from "./hashing-report.ts";
export type {
  DeviceChoices,
  GenerateRequest,
  Reopened,
  RunBackend,
  RunEnd,
  RunFacts,
  RunPlace,
  RunStep,
  StartRequest,
} from "./messages.ts";
export type { MessageEnd, WorkerEnd } from "./port.ts";
export { serveTraining, type ServeOptions } from "./serve.ts";
export type { StartBackend } from "./prepare.ts";
