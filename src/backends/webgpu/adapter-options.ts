import type { KindsOf } from "../../core/arguments.ts";

/** Which adapter to take, where there are several. */
export interface AdapterOptions {
  readonly powerPreference?: "low-power" | "high-performance";
}

export const adapterKinds: KindsOf<AdapterOptions> = {
  powerPreference: ["low-power", "high-performance"],
};
