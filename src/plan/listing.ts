import { formatAval } from "../core/aval.ts";
import type { ExecutionPlan, PlanFunction, Region } from "./plan.ts";

/** A readable table of a plan's functions and steps. */
export function formatPlan(plan: ExecutionPlan): string {
  const lines = [
    `inputs  ${plan.inputs.map(formatRegion).join(", ") || "none"}`,
    `outputs ${plan.outputs.map(formatRegion).join(", ") || "none"}`,
    `${plan.code.length} words of code, ${plan.constants.length} of constants`,
    ...plan.functions.flatMap(formatFunction),
  ];
  return lines.join("\n");
}

const formatRegion = ({ place, aval }: Region): string =>
  `${formatAval(aval)}${place ? ` at ${place.base}:${place.offset}` : " (unused)"}`;

function formatFunction(plan: PlanFunction): readonly string[] {
  const { name, start, parameters, frameBytes, liveBytes, hostBytes, steps } = plan;
  const head =
    `function ${start} ${name}: ${parameters} parameters, frame ${formatBytes(frameBytes)}, ` +
    `largest live sum ${formatBytes(liveBytes)}` +
    (hostBytes > 0 ? `, ${formatBytes(hostBytes)} off-loaded` : "");
  const rows = steps.map((step) => [
    String(step.start),
    step.operation,
    `${step.flops} flops`,
    formatBytes(step.bytes),
    step.name,
    `-> ${step.results}`,
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
