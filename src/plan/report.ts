import type { ExecutableReport } from "../ir/backend.ts";
import { formatPlan } from "./listing.ts";
import type { ExecutionPlan } from "./plan.ts";

/** What a plan tells of itself; the listing is only made when somebody looks. */
export function planReport(plan: ExecutionPlan, backend: string): ExecutableReport {
  const { main } = plan;
  return {
    backend,
    get plan() {
      return formatPlan(plan);
    },
    flops: main.flops,
    bytes: main.bytes,
    peakBytes: main.frameBytes,
    hostBytes: main.hostBytes,
    get largest() {
      return main.largest;
    },
  };
}
