/** Which adapter to take, where there are several. */
export interface AdapterOptions {
  readonly powerPreference?: "low-power" | "high-performance";
}
