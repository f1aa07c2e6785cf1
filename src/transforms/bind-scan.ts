import type { Value } from "../core/value.ts";
import type { ScanForm } from "../ir/control.ts";

/** Binds another scan: handed to the rules so that they need not import the primitive. */
export type BindScan = (operands: readonly Value[], params: ScanForm) => readonly Value[];
