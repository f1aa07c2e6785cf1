export * from "./core/errors.ts";
export type { Aval } from "./core/aval.ts";
export type { DType, FixedDType } from "./core/dtype.ts";
export type { Shape } from "./core/shape.ts";
export type { Outcome } from "./core/outcome.ts";
export type { Device, DeviceStorage, Place, ResidentStorage, Storage } from "./core/storage.ts";
export { release, scope, type Keep } from "./core/scope.ts";
export { Tensor } from "./core/tensor.ts";
export { toHost } from "./core/to-host.ts";
export type { Value } from "./core/value.ts";
export * as tree from "./core/tree.ts";
export type {
  Backend,
  BackendLoss,
  DeviceLimits,
  Executable,
  ExecutableReport,
  ThreadReport,
} from "./ir/backend.ts";
export { checkProgram } from "./ir/check.ts";
export { printProgram } from "./ir/print.ts";
export type { Program } from "./ir/program.ts";
export { dispose, synchronize } from "./backend-lifetime.ts";
export { init, type BackendName, type BackendOptions } from "./init.ts";
export * from "./transforms/index.ts";
export * as debug from "./debug/index.ts";
