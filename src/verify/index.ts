/** Checks against the numbers of other people's Reformers. */
export type { CaseRunner, GoldenCase, Verdict } from "./case.ts";
export type { Feature } from "./feature.ts";
export { featuresOf } from "./features.ts";
export { contractOf } from "./contract.ts";
export type { Contract } from "./contract-shape.ts";
export { formatVerdict, verifyCase } from "./verify-case.ts";
