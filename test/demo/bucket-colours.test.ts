import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { colours } from "../../demo/src/tokens/token-list.ts";

type Colour = readonly [red: number, green: number, blue: number];

/** Linear red, green and blue of a hexadecimal sRGB colour. */
const linear = (hex: string): Colour => {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
};

const luminance = ([red, green, blue]: Colour): number =>
  0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** WCAG 2.2, contrast ratio. */
function contrast(a: Colour, b: Colour): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Björn Ottosson's OKLab, in which equal distances look about equally large. */
function okLab([red, green, blue]: Colour): readonly number[] {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const [light, dark] = readFileSync("demo/src/styles/buckets.css", "utf8").split("@media");

describe.each([
  ["light", light],
  ["dark", dark],
])("bucket colours, %s", (_, css) => {
  const text = linear(/\.token \{\s*color: (#\w{6});/.exec(css)?.[1] ?? "");
  const found = [...css.matchAll(/\.b(\d+) \{\s*background: (#\w{6});/g)];
  const backgrounds = found.map(([, , hex]) => linear(hex));

  test("there is one for each", () => {
    expect(found.map(([, bucket]) => Number(bucket))).toEqual([...Array(colours).keys()]);
  });

  test("text on them is legible: AA", () => {
    for (const background of backgrounds) {
      expect(contrast(text, background)).toBeGreaterThan(4.5);
    }
  });

  test("each looks like no other", () => {
    const labs = backgrounds.map(okLab);
    const distances = labs.flatMap((a, i) =>
      labs.slice(0, i).map((b) => Math.hypot(...a.map((x, axis) => x - b[axis]))),
    );
    expect(Math.min(...distances)).toBeGreaterThan(0.04);
  });
});
