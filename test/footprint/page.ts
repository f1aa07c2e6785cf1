/** The table as a page, and what of an earlier page still holds. */
import { format } from "prettier";
import type { PlanFootprint } from "./plan-footprint.ts";
import type { Size } from "./sizes.ts";

export const rewrite = "npx vitest run test/footprint --update";

export interface PlanRow extends PlanFootprint {
  readonly model: string;
  readonly name: string;
}

const introduction = `# Footprint

What plans need and what the package weighs, measured without a clock: the same on every machine. A test compares it with
the sources. After a change that is meant to change it, rewrite it and read the difference:

    ${rewrite}

## Plans

Each preset's compiled functions, and the training step of trax's model of enwik8 (12 layers, 65,536 characters), on one thread.
Peak: bytes of the arena. Moved: bytes that steps read and write. Steps: of all functions, each counted once.
Traced: equations recorded in all traces, those thrown away included. Prepared: equations left after the passes.
`;

const aboutSizes = `
## Sizes

Of the kernels, in bytes. Of the package, in KiB: the tarball, and for each module, minified, all that loads when it is imported
alone. Package sizes that changed by less than 2 % stay as they are written here.
`;

/** The page, as prettier leaves it. */
export const pageOf = (
  plans: readonly PlanRow[],
  kernels: readonly Size[],
  packaged: readonly Size[],
  earlier: string,
): Promise<string> => {
  const sizes = [
    ...kernels.map(({ name, bytes }) => [name, `${grouped(bytes)} bytes`]),
    ...packaged.map(({ name, bytes }) => [name, `${settled(name, bytes, earlier)} KiB`]),
  ];
  const text = [
    introduction,
    ...table(
      ["model", "function", "peak", "flops", "moved", "functions", "steps", "traced", "prepared"],
      plans.map(({ model, name, ...row }) => [
        model,
        name,
        ...[row.peak, row.flops, row.moved, row.functions, row.steps, row.traced, row.prepared].map(
          grouped,
        ),
      ]),
      2,
    ),
    aboutSizes,
    ...table(["file or module", "size"], sizes, 1),
  ].join("\n");
  return format(text, { parser: "markdown", printWidth: 100 });
};

/** Numbers stand right, the first `words` columns left. */
const table = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  words: number,
): readonly string[] =>
  [header, header.map((_, i) => (i < words ? ":-" : "-:")), ...rows].map(
    (row) => `| ${row.join(" | ")} |`,
  );

const grouped = (value: number): string => value.toLocaleString("en-US");

/** Share of a recorded size by which a package may change before its record does. */
const slack = 0.02;

/** The size in KiB as it was recorded, while that is near enough; else as it is. */
export function settled(name: string, bytes: number, earlier: string): string {
  const size = bytes / 1024;
  const row = earlier.split("\n").find((line) => line.split("|")[1]?.trim() === name);
  const recorded = Number(/([\d.]+) KiB/.exec(row ?? "")?.[1]);
  return Math.abs(size - recorded) <= slack * recorded ? String(recorded) : size.toFixed(0);
}
