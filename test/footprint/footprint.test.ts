import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { configOf, enwik8Model } from "../../bench/models.ts";
import { clearCaches } from "../../src/index.ts";
import type * as builder from "../../src/ir/builder.ts";
import type * as prepare from "../../src/plan/prepare.ts";
import { presets, trainConfig, type TrainConfig } from "../../src/training/index.ts";
import { work } from "./counters.ts";
import { pageOf, rewrite, settled, type PlanRow } from "./page.ts";
import { compiledFunctions, footprintOf, type FunctionName } from "./plan-footprint.ts";
import { kernelSizes, packageSizes } from "./sizes.ts";

const page = "bench/footprint.md";

vi.mock("../../src/ir/builder.ts", async (importOriginal) => {
  const original = await importOriginal<typeof builder>();
  const stage: typeof builder.stage = (...args) => {
    const closed = original.stage(...args);
    work.traced += closed.program.equations.length;
    return closed;
  };
  const stageClosed: typeof builder.stageClosed = (...args) => {
    const program = original.stageClosed(...args);
    work.traced += program.equations.length;
    return program;
  };
  return { ...original, stage, stageClosed };
});

vi.mock("../../src/plan/prepare.ts", async (importOriginal) => {
  const original = await importOriginal<typeof prepare>();
  const prepareProgram: typeof prepare.prepareProgram = (...args) => {
    const program = original.prepareProgram(...args);
    work.prepared += program.equations.length;
    return program;
  };
  return { ...original, prepareProgram };
});

/** A row by itself: no cache holds traces of another. */
function planRow(model: string, config: TrainConfig, name: FunctionName): PlanRow {
  clearCaches();
  return { model, name, ...footprintOf(config, name) };
}

function planRows(): readonly PlanRow[] {
  const rows: PlanRow[] = [];
  for (const preset of Object.keys(presets) as (keyof typeof presets)[]) {
    for (const name of compiledFunctions) {
      rows.push(planRow(preset, trainConfig({ preset }), name));
    }
  }
  return [...rows, planRow("enwik8", configOf(enwik8Model(12)), "trainStep")];
}

test("plans and sizes are those of the page", async () => {
  const earlier = existsSync(page) ? readFileSync(page, "utf8") : "";
  const text = await pageOf(planRows(), kernelSizes(), await packageSizes(), earlier);
  await expect(text, `if this is meant: ${rewrite}`).toMatchFileSnapshot(`../../${page}`);
}, 300_000);

describe("the table can change", () => {
  test("a row is the same whatever was traced before", () => {
    const config = trainConfig();
    const first = planRow("a", config, "evaluate");
    planRow("a", config, "trainStep");
    expect(planRow("a", config, "evaluate")).toEqual(first);
  });

  test("one layer more shows in every column but the peak's", () => {
    const deeper = (layers: readonly ("local" | "lsh")[]): TrainConfig =>
      trainConfig({ model: { layers } });
    const two = planRow("a", deeper(["local", "lsh"]), "trainStep");
    const three = planRow("a", deeper(["local", "lsh", "local"]), "trainStep");
    for (const column of ["flops", "moved", "steps", "traced", "prepared"] as const) {
      expect(three[column], column).toBeGreaterThan(two[column]);
    }
  });

  test("a package's size is settled until it changes by more than 2 %", () => {
    const earlier = "| other | 50 KiB |\n| `x` | 7 bytes |\n| x | 200 KiB |";
    expect(settled("x", 203.9 * 1024, earlier)).toBe("200");
    expect(settled("x", 204.1 * 1024, earlier)).toBe("204");
    expect(settled("x", 195.9 * 1024, earlier)).toBe("196");
    expect(settled("new", 12.6 * 1024, earlier)).toBe("13");
  });
});
