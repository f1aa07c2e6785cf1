import { formatAval } from "../core/aval.ts";
import { formatLocation } from "./planned-function.ts";
import type { ExecutionPlan, Region } from "./plan.ts";
import type { PlanFunction } from "./planned-function.ts";

/** A readable table of a plan's functions and steps. */
export function formatPlan(plan: ExecutionPlan): string {
  const lines = [
    `inputs  ${plan.inputs.map(formatRegion).join(", ") || "none"}`,
    `outputs ${plan.outputs.map(formatRegion).join(", ") || "none"}`,
    `${formatBytes(plan.constants.byteLength)} of constants`,
    ...plan.functions.flatMap(formatFunction),
  ];
  return lines.join("\n");
}

const formatRegion = ({ at, aval }: Region): string =>
  `${formatAval(aval)}${at ? ` at ${formatLocation(at)}` : " (unused)"}`;

function formatFunction(plan: PlanFunction, index: number): readonly string[] {
  const { name, parameters, frameBytes, liveBytes, hostBytes, steps } = plan;
  const head =
    `function ${index} ${name}: ${parameters} parameters, frame ${formatBytes(frameBytes)}, ` +
    `largest live sum ${formatBytes(liveBytes)}` +
    (hostBytes > 0 ? `, ${formatBytes(hostBytes)} off-loaded` : "");
  const infos = steps.flatMap(({ info }) => info ?? []);
  const rows = infos.map((info, i) => [
    String(i),
    info.operation,
    `${info.flops} flops`,
    formatBytes(info.bytes),
    info.name,
    `-> ${info.results}`,
  ]);
  return ["", head, ...alignColumns(rows)];
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column].length)),
  );
  return rows.map(
    (row) =>
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd()}`,
  );
}

const units = ["B", "KiB", "MiB", "GiB"] as const;

/** `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toPrecision(4))} ${units[unit]}`;
}
