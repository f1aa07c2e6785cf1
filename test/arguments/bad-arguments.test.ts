import { describe, expect, test } from "vitest";
import { init } from "reformax";
import { complaint, mutantsOf, subjectsOf, unlisted } from "./check.ts";
import { publicFunctions } from "./exports.ts";

// The tables hold arrays that are computed.
await init("reference");
const { tables } = await import("./tables.ts");
const functions = await publicFunctions();

/** Functions that take no arguments. */
const withoutArguments = [
  "clearCaches",
  "dispose",
  "synchronize",
  "hasRelaxedArithmetic",
  // Runs in a thread of its own, from its text: what it is given is the library's.
  "serveThread",
];

describe("the tables", () => {
  test("have every module with functions", () => {
    expect(Object.keys(tables).sort()).toEqual(Object.keys(functions).sort());
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
    const subjects = () =>
      subjectsOf({ path: name, f: functions[module][name], entry, names: [name] });
    test(`${name} takes what the table calls good, which has a call for every function that it returns`, async () => {
      for (const subject of await subjects())
        expect(await unlisted(subject), subject.path).toEqual([]);
    });
    test(`${name} refuses everything else, and so does what it returns`, async () => {
      const complaints: string[] = [];
      for (const { path, f, entry: call, names } of await subjects()) {
        for (const mutant of mutantsOf(call)) {
          const found = await complaint(f, mutant, names);
          if (found !== undefined) complaints.push(`${path}, ${mutant.name} ${found}`);
        }
      }
      expect(complaints, complaints.join("\n")).toEqual([]);
    });
  }
});
