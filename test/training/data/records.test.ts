/** Pairs and labelled texts from files, and what is said of lines that hold none. */
import { describe, expect, test } from "vitest";
import { labelledFromOrThrow, pairsFromOrThrow } from "../../../src/training/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("pairs of texts", () => {
  test("stand in columns, whose numbers may be others, whatever ends the lines", () => {
    const pair = { source: "Go.", target: "Geh." };
    expect(pairsFromOrThrow(bytes("Go.\tGeh."))).toEqual([pair]);
    expect(pairsFromOrThrow(bytes("Go.\tGeh.\tmore\r\nGo.\tGeh.\n"))).toEqual([pair, pair]);
    expect(pairsFromOrThrow(bytes("Geh.\tx\tGo."), [3, 1])).toEqual([pair]);
    expect(pairsFromOrThrow(bytes(""))).toEqual([]);
  });

  test("name every line that is none", () => {
    const read = (text: string) => () => pairsFromOrThrow(bytes(text));
    expect(read("Go.\tGeh.\nGo.\n\nGo.\t \n")).toThrow(
      /3 problems:\n.*line 2: has too few columns: expected a text in column 1 and one in column 2, between tabs, got 1 column\n.*line 3: is empty.*\n.*line 4: column 2 is empty/,
    );
    expect(() => pairsFromOrThrow(Uint8Array.of(0xff, 0x09, 0x41))).toThrow(
      /^--data: is no text: expected UTF-8/,
    );
  });
});

describe("texts with labels", () => {
  test("stand behind a tab, or in objects", () => {
    const expected = [{ label: "3", text: 'a "b"' }];
    expect(labelledFromOrThrow(bytes('3\ta "b"\n'))).toEqual(expected);
    expect(labelledFromOrThrow(bytes('{"text": "a \\"b\\"", "label": 3}\n'))).toEqual(expected);
    const keys = { labelKey: "author", textKey: "words" };
    expect(labelledFromOrThrow(bytes('{"words": "x", "author": "y"}'), keys)).toEqual([
      { label: "y", text: "x" },
    ]);
    const braces = { format: "tsv" } as const;
    expect(labelledFromOrThrow(bytes("{}\tx"), braces)).toEqual([{ label: "{}", text: "x" }]);
  });

  test("name every line that is none", () => {
    const read = (text: string) => () => labelledFromOrThrow(bytes(text));
    expect(read("3 a\n\ta\n4\t\n\n")).toThrow(
      /4 problems:\n.*line 1: has no tab.*\n.*line 2: has no label.*\n.*line 3: has no text.*\n.*line 4: is empty/,
    );
    expect(read('{"label": 1}\n{"label": {}, "text": "x"}\n[]\n{"label": 1, "text": ""}')).toThrow(
      /line 1: has no text under the key "text".*got the keys label.*\n.*line 2: has no label under the key "label".*\n.*line 3: is no object.*\n.*line 4: has no text under the key "text"/,
    );
    expect(read('{"label": 1, "text": "x"}\n{"label": 1')).toThrow(/line 2/);
  });
});
