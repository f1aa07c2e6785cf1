import { measureAgreement, type AgreementParameters } from "./agreement.ts";
import { measureCalls, type CallsParameters } from "./calls.ts";
import { measureCeiling, type CeilingParameters } from "./ceiling.ts";
import { measureCompile } from "./compile.ts";
import { measureDecode, type DecodeParameters } from "./decode.ts";
import { measureDispatches, type DispatchParameters } from "./dispatches.ts";
import { measureKernels, type KernelsParameters } from "./kernels.ts";
import { measurePaired, type PairedParameters } from "./paired.ts";
import { measureParsers, type ParsersParameters } from "./parsers.ts";
import { measureResident, type ResidentParameters } from "./resident.ts";
import { serveTurns } from "./served.ts";
import { measureSmall, type SmallParameters } from "./small.ts";
import { measureStep, type StepParameters } from "./step.ts";
import type { StepsParameters } from "./steps.ts";
import { measureWebGpu, type WebGpuParameters } from "./webgpu.ts";
import type { ModelSettings } from "../models.ts";

/** What a process of its own can measure, by name; parameters and results are JSON. */
export const measures: Readonly<Record<string, (parameters: unknown) => Promise<unknown>>> = {
  agreement: (parameters) => measureAgreement(parameters as AgreementParameters),
  calls: (parameters) => measureCalls(parameters as CallsParameters),
  ceiling: (parameters) => measureCeiling(parameters as CeilingParameters),
  compile: (parameters) => measureCompile(parameters as ModelSettings),
  decode: (parameters) => measureDecode(parameters as DecodeParameters),
  dispatches: (parameters) => measureDispatches(parameters as DispatchParameters),
  kernels: (parameters) => measureKernels(parameters as KernelsParameters),
  paired: (parameters) => measurePaired(parameters as PairedParameters),
  parsers: (parameters) => Promise.resolve(measureParsers(parameters as ParsersParameters)),
  resident: (parameters) => measureResident(parameters as ResidentParameters),
  served: (parameters) => serveTurns(parameters as StepsParameters),
  small: (parameters) => measureSmall(parameters as SmallParameters),
  step: (parameters) => measureStep(parameters as StepParameters),
  webgpu: (parameters) => measureWebGpu(parameters as WebGpuParameters),
};
