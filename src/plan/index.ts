export { formatBytes, formatPlan } from "./listing.ts";
export { defaultFlags, flagKinds, type PlanFlags } from "./flags.ts";
export { blockArguments, blockAxes } from "./block-arguments.ts";
export * from "./common-calls.ts";
export * from "./kernel-calls.ts";
export type { OutsideValues } from "./context.ts";
export type {
  Location,
  PlacedBody,
  PlacedBuffer,
  PlacedCall,
  PlacedControl,
  PlacedHost,
  PlacedStep,
  PlanFunction,
  StepInfo,
  LiveValue,
} from "./planned-function.ts";
export type { ExecutionPlan, HostCallback, Region } from "./plan.ts";
export { calleesOf } from "./planned-function.ts";
export { planProgram } from "./plan-program.ts";
export { checkProfile } from "./profile.ts";
export type {
  DeviceWorkReport,
  ProfileOptions,
  RunProfile,
  StepEvent,
  StepTime,
} from "./profile.ts";
export { planReport } from "./report.ts";
export type {
  ElementwiseCluster,
  MatrixProduct,
  MatrixStrides,
  Moves,
  PlanTarget,
  Reduction,
  StridedCopy,
} from "./target.ts";
