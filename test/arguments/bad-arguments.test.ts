import { describe, expect, test } from "vitest";
import { init } from "reformax";
import { complaint, mutantsOf, outcomeOf } from "./check.ts";
import { publicFunctions } from "./exports.ts";

// The tables hold arrays that are computed.
await init("reference");
const { tables } = await import("./tables.ts");
const functions = await publicFunctions();

/** Modules whose functions take records that other functions made (configurations, runs, checkpoints): not in the tables yet. */
const withoutTable = [
  "reformax/reformer",
  "reformax/training",
  "reformax/training/worker",
  "reformax/training/node",
  "reformax/interop",
  "reformax/interop/node",
  "reformax/backends/wasm",
  "reformax/backends/webgpu",
  "reformax/backends/reference",
];

/** Functions that take no arguments. */
const withoutArguments = ["clearCaches", "dispose", "synchronize"];

describe("the tables", () => {
  test("have every module with functions", () => {
    const parts = Object.keys(functions).filter(
      (name) => !withoutTable.includes(name.split(":")[0]),
    );
    expect(Object.keys(tables).sort()).toEqual(parts.sort());
  });

  test.each(Object.keys(tables))("have every function of %s", (module) => {
    const exported = Object.keys(functions[module]).filter(
      (name) => !withoutArguments.includes(name),
    );
    expect(Object.keys(tables[module]).sort()).toEqual(exported.sort());
  });
});

describe.each(Object.entries(tables))("%s", (module, table) => {
  for (const [name, entry] of Object.entries(table)) {
    const f = functions[module][name];
    test(`${name} takes what the table calls good`, async () => {
      await outcomeOf(
        f,
        entry.args.map(({ good }) => good),
      );
    });
    test(`${name} refuses everything else`, async () => {
      const complaints: string[] = [];
      for (const mutant of mutantsOf(entry)) {
        const found = await complaint(f, mutant, [name, ...(entry.names ?? [])]);
        if (found !== undefined) complaints.push(`${mutant.name} ${found}`);
      }
      expect(complaints, complaints.join("\n")).toEqual([]);
    });
  }
});
