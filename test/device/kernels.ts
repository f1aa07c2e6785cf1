/** How fast kernels are: FLOP/s and bytes per second of each at the sizes of a large model, products with each tile. */
import {
  f16Feature,
  halfProducts,
  type HalfProducts,
} from "../../src/backends/webgpu/half-products.ts";
import { Pipelines } from "../../src/backends/webgpu/pipelines.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { init } from "../../src/index.ts";
import { casesOf, sizes, type KernelCase } from "./kernels/cases.ts";
import { tiles } from "./kernels/tiles.ts";
import { timeProgram, type Variant } from "./kernels/timed-program.ts";
import { adapterOf, deviceOf, flagsOfEnvironment, nameOf } from "./open.ts";
import { rounded, runSuite, type Suite } from "./suite.ts";

interface Measurement {
  readonly each: KernelCase;
  readonly variant: Variant;
  /** Products with operands in f16. */
  readonly half?: HalfProducts;
}

/** As the backend would run them first, so that a limit of time cuts variants off. */
const measurements = (suite: Suite, half: HalfProducts | undefined): readonly Measurement[] => {
  const cases = casesOf(suite.pick(sizes));
  const products = cases.filter(({ isProduct }) => isProduct);
  const varied = suite.pick({ full: products, small: products.slice(0, 1) });
  return [
    ...cases.map((each) => ({ each, variant: {} })),
    ...(half ? products.map((each) => ({ each, variant: {}, half })) : []),
    ...varied.flatMap((each) => tiles.map((variant) => ({ each, variant }))),
  ];
};

await runSuite({ name: "kernels", seconds: 110 }, async (suite) => {
  const adapter = await adapterOf(flagsOfEnvironment());
  const device = await deviceOf(adapter);
  suite.record("adapter", nameOf(adapter));
  // Programs are traced with a backend at hand; nothing runs on it.
  setBackend(await init("reference"));
  const pipelines = new Pipelines(device, true);
  const rows: Record<string, unknown>[] = [];
  const half = device.features.has(f16Feature) ? halfProducts(device, adapter.info) : undefined;
  suite.record("half", half ?? "none");
  const all = measurements(suite, half);
  const budget = suite.pick({ full: 150, small: 5 });
  let begun = 0;
  let best = "";
  for (const { each, variant, half: rounding } of all) {
    if (suite.secondsLeft() < 5) break;
    begun++;
    const tile = Object.entries(variant).map(([name, value]) => `${name} ${value}`);
    try {
      const { milliseconds, compileMilliseconds, dispatches, repeats, flops, bytes } =
        await timeProgram(device, pipelines, each, variant, budget, { half: rounding });
      const row = {
        kernel: each.name,
        ...(tile.length > 0 && { tile: tile.join(" ") }),
        ...(rounding && { products: rounding.matrices ? "f16, by subgroups" : "f16" }),
        milliseconds: rounded(milliseconds),
        "GFLOP/s": rounded(flops / milliseconds / 1e6),
        "GB/s": rounded(bytes / milliseconds / 1e6),
        dispatches,
        repeats,
        compileMilliseconds: rounded(compileMilliseconds),
      };
      rows.push(row);
      suite.record("kernels", rows);
      suite.log(JSON.stringify(row));
      if (begun === 1) best = `${each.name} at ${row["GFLOP/s"]} GFLOP/s`;
    } catch (error) {
      suite.fail(`${each.name} ${tile.join(" ")}: ${String(error)}`);
    }
  }
  device.destroy();
  return `${begun} of ${all.length} measurements; ${best}`;
});
