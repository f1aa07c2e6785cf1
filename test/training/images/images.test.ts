/** Images as sequences of values: what files hold, and what is wrong with them. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../../../src/init.ts";
import { initParams, logits } from "../../../src/reformer/index.ts";
import { array } from "../../../src/numpy/index.ts";
import { completeImages } from "../../../src/training/images/complete.ts";
import { histogramBits } from "../../../src/training/images/histogram.ts";
import { byteOf, levelOf } from "../../../src/training/images/levels.ts";
import { pngOf } from "../../../src/training/images/png.ts";
import { imagesFromOrThrow } from "../../../src/training/images/read.ts";
import { imageSequence } from "../../../src/training/images/sequences.ts";
import { runKeys, taskConfig } from "../../../src/training/index.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const digits = { height: 28, width: 28, channels: 1 } as const;
const colours = { height: 32, width: 32, channels: 3 } as const;
const mnist = (): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync("samples/mnist/digits-2000.idx3-ubyte.gz")));
const photo = (): Uint8Array => new Uint8Array(readFileSync("samples/kodak/photo-01.png"));

describe("files", () => {
  it("of MNIST are images as their header says", () => {
    const data = mnist();
    const { values } = imagesFromOrThrow(data, digits);
    expect(values).toHaveLength(2000 * 784);
    expect(Buffer.from(values).equals(data.subarray(16))).toBe(true);
  });

  it("of PNG are cut side by side, row by row, and may stand behind one another", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 3, max: 9 }),
        fc.constantFrom(1 as const, 3 as const),
        (height, width, channels) => {
          const picture = Uint8Array.from(
            { length: height * width * channels },
            (_, i) => (i * 37) % 256,
          );
          const file = pngOf(picture, { height, width, channels });
          const shape = { height: 2, width: 3, channels };
          const expected: number[] = [];
          for (let top = 0; top + 2 <= height; top += 2) {
            for (let left = 0; left + 3 <= width; left += 3) {
              for (const row of [top, top + 1]) {
                const from = (row * width + left) * channels;
                expected.push(...picture.subarray(from, from + 3 * channels));
              }
            }
          }
          const twice = Uint8Array.from([...file, ...file]);
          expect([...imagesFromOrThrow(twice, shape).values]).toEqual([...expected, ...expected]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("of a photograph make its 24 images; grey is every colour", () => {
    expect(imagesFromOrThrow(photo(), colours).values).toHaveLength(24 * 3072);
    const grey = pngOf(Uint8Array.of(7, 9), { height: 1, width: 2, channels: 1 });
    const shape = { height: 1, width: 2, channels: 3 } as const;
    expect([...imagesFromOrThrow(grey, shape).values]).toEqual([7, 7, 7, 9, 9, 9]);
  });

  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 7);
  const cut = (data: Uint8Array): Uint8Array => data.subarray(0, data.length - 9);
  const flipped = (): Uint8Array => photo().map((byte, i) => (i === 5000 ? byte ^ 255 : byte));
  it.each([
    ["another format", () => Uint8Array.of(9, 8, 7, 6), digits, /no images of a known format/],
    ["labels", () => labels, digits, /are labels, not images/],
    ["half an idx header", () => mnist().subarray(0, 9), digits, /no idx header/],
    ["fewer images than the header says", () => cut(mnist()), digits, /are cut off/],
    [
      "another shape",
      mnist,
      { ...digits, width: 30 },
      /another shape: expected 28 x 30.*got 28 x 28/,
    ],
    ["half a PNG file", () => cut(photo()), colours, /the PNG file is cut off/],
    ["a damaged PNG file", flipped, colours, /the PNG file is damaged/],
    ["colours for grey", photo, digits, /is a picture in colour/],
    ["a small picture", photo, { ...colours, height: 200 }, /smaller than an image/],
  ] as const)("are refused: %s", (_, data, shape, message) => {
    expect(() => imagesFromOrThrow(data(), shape)).toThrow(message);
  });

  it("without a header are read where that is asked for", () => {
    const data = Uint8Array.from({ length: 3072 }, (_, i) => i % 256);
    expect(imagesFromOrThrow(data, colours, "raw").values).toEqual(data);
    expect(() => imagesFromOrThrow(data.subarray(1), colours, "raw")).toThrow(/whole images/);
  });
});

it("levels are evenly spaced, and give their bytes back", () => {
  for (const levels of [2, 3, 4, 16, 256]) {
    const seen = new Set(Array.from({ length: 256 }, (_, byte) => levelOf(byte, levels)));
    expect([...seen]).toEqual(Array.from({ length: levels }, (_, i) => i));
    for (const level of seen) expect(levelOf(byteOf(level, levels), levels)).toBe(level);
  }
});

const config = taskConfig("images", {
  task: { height: 4, width: 4 },
  model: {
    width: 8,
    heads: 1,
    headWidth: 8,
    feedForwardWidth: 8,
    layers: ["local", "lsh"],
    local: { chunk: 4 },
    lsh: { chunk: 4 },
    positions: { kind: "axial", shape: [4, 4], widths: [4, 4] },
  },
  training: { batch: 2, length: 16 },
  data: { format: "raw" },
});
const small = imagesFromOrThrow(
  Uint8Array.from({ length: 48 }, (_, i) => (i * 91) % 256),
  config.task,
  "raw",
);

it("histograms cost what counts say", () => {
  // Two images of two values, half of which are high: one bit each by channel; by place the first is always the same.
  const shape = { height: 1, width: 2, channels: 1 } as const;
  const images = { ...shape, values: Uint8Array.of(0, 255, 0, 255) };
  const task = { ...config.task, levels: 2 };
  const { channel, place } = histogramBits({ task }, images, images);
  expect(channel).toBeCloseTo(1, 12);
  expect(place).toBeCloseTo(-Math.log2(2.5 / 3), 12);
});

it("a completion keeps what is given, and with temperature 0 writes the likeliest values", async () => {
  // Layers in which later tokens change nothing that earlier ones saw: the whole model is the oracle.
  const model = { ...config.model, layers: ["local", "full"] } as const;
  const keys = runKeys(0);
  const params = initParams(model, keys.initial);
  const given = 8;
  const how = { given, temperature: 0, key: keys.evaluation, uniform: () => 0 };
  const completed = await completeImages({ ...config, model }, params, small, how);
  const { levels } = config.task;
  for (let i = 0; i < 3; i++) {
    const { tokens, targets } = imageSequence(config, completed, i);
    const before = imageSequence(config, small, i).targets;
    expect(Array.from(targets).slice(0, given)).toEqual(Array.from(before).slice(0, given));
    const batch = array([Array.from(tokens)], "i32");
    const scores = logits(model, params, batch, keys.evaluation).toArray() as number[][][];
    for (let place = given; place < 16; place++) {
      const own = scores[0][place].slice(0, levels);
      expect(targets[place]).toBe(own.indexOf(Math.max(...own)));
    }
  }
});
