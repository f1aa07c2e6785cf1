export { formatBytes, formatPlan } from "./listing.ts";
export { base, kernelHeaderWords, opcode } from "./opcodes.ts";
export type {
  ExecutionPlan,
  HostCallback,
  LiveValue,
  PlanFunction,
  Region,
  StepInfo,
} from "./plan.ts";
export { planProgram } from "./plan-program.ts";
export { defaultFlags, type PlanFlags, type PlanTarget, type TileCluster } from "./target.ts";
