import { expect, test } from "vitest";
import { grad, vmap, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import * as nn from "../../src/nn/index.ts";
import { key, split } from "../../src/random/index.ts";
import { expectClose } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { expectDerivatives } from "../support/derivatives.ts";
import { build, counting, expectElements, gentle, reader } from "../support/grid.ts";

const close = { absolute: 2e-6, relative: 2e-6 };

describeBackends("dense and embedding", () => {
  test("dense is a matrix product along the last axis", () => {
    const [kernel, bias, x] = [
      counting([3, 2]),
      counting([2], "f32", 1),
      counting([2, 4, 3], "f32", 2),
    ];
    const product = (i: number, j: number, k: number): number =>
      [0, 1, 2].reduce((total, l) => total + reader(x)(i, j, l) * reader(kernel)(l, k), 0);
    expectElements(
      nn.dense({ kernel, bias }, x),
      [2, 4, 2],
      ([i, j, k]) => product(i, j, k) + reader(bias)(k),
    );
    expectElements(nn.dense({ kernel }, x), [2, 4, 2], ([i, j, k]) => product(i, j, k));
    expectElements(nn.dense({ kernel, bias: null }, x), [2, 4, 2], ([i, j, k]) => product(i, j, k));
  });

  test("embedding looks rows up; its gradient counts the uses", () => {
    const table = counting([5, 2]);
    const tokens = np.array(
      [
        [1, 4],
        [1, 99],
      ],
      "i32",
    );
    const rows = [
      [1, 4],
      [1, 4],
    ];
    expectElements(nn.embedding({ table }, tokens), [2, 2, 2], ([i, j, k]) =>
      reader(table)(rows[i][j], k),
    );
    const uses = grad((t: Value) => np.sum(nn.embedding({ table: t }, tokens)))(table);
    expectElements(uses, [5, 2], ([row]) => [0, 2, 0, 0, 2][row]);
    expectElements(nn.tiedLogits({ table }, table), [5, 5], ([i, j]) =>
      [0, 1].reduce((total, k) => total + reader(table)(i, k) * reader(table)(j, k), 0),
    );
  });
});

describeBackends("normalization", () => {
  const x = gentle([3, 5]);
  const [gamma, beta] = [gentle([5], 3), gentle([5], 4)];
  const epsilon = 1e-3;

  /** Rows by the definition, in double precision. */
  const expected = [0, 1, 2].flatMap((i) => {
    const row = [0, 1, 2, 3, 4].map((j) => reader(x)(i, j));
    const mean = row.reduce((a, b) => a + b) / 5;
    const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / 5;
    return row.map(
      (value, j) =>
        ((value - mean) / Math.sqrt(variance + epsilon)) * reader(gamma)(j) + reader(beta)(j),
    );
  });

  test("layerNorm equals its definition", () => {
    expectClose(
      nn.layerNorm({ gamma, beta }, x, { epsilon }).dataSync(),
      expected,
      close,
      "layerNorm",
    );
    expect(() => nn.layerNorm({ gamma, beta }, counting([3, 4]))).toThrow("layerNorm");
  });

  test("layerNorm has the derivatives of its definition", () => {
    expectDerivatives((y) => nn.layerNorm({ gamma, beta }, y, { epsilon: 0.1 }), x);
    expectDerivatives((g) => nn.layerNorm({ gamma: g, beta }, x), gamma);
    expectDerivatives((b) => nn.layerNorm({ gamma, beta: b }, x), beta);
    expectDerivatives(
      grad((y: Value) => np.sum(np.power(nn.layerNorm({ gamma, beta }, y, { epsilon: 0.5 }), 3))),
      x,
    );
  });

  test("layerNorm maps over examples", () => {
    const mapped = vmap((y: Value) => nn.layerNorm({ gamma, beta }, y, { epsilon }))(x);
    expectClose(mapped.dataSync(), expected, close, "vmap");
  });

  test("scaleNorm gives rows a length, with derivatives, zero rows included", () => {
    const norm = (y: Value): Value => nn.scaleNorm({ gamma: np.array(3) }, y);
    const rows = norm(
      np.array([
        [3, 4],
        [0, 0],
        [0, -1e-6],
      ]),
    );
    expectClose(rows.dataSync(), [1.8, 2.4, 0, 0, 0, -0.3], close, "scaleNorm");
    expectDerivatives(norm, x);
    const slope = grad((y: Value) => np.sum(norm(y)))(np.zeros([1, 2]));
    expectClose(slope.dataSync(), [3e5, 3e5], close, "slope at zero");
  });

  test("rmsNorm equals its definition, with derivatives", () => {
    const norm = (y: Value): Value => nn.rmsNorm({ gamma }, y, { epsilon });
    const rows = [0, 1, 2].flatMap((i) => {
      const row = [0, 1, 2, 3, 4].map((j) => reader(x)(i, j));
      const power = row.reduce((total, value) => total + value ** 2, 0) / 5;
      return row.map((value, j) => (value / Math.sqrt(power + epsilon)) * reader(gamma)(j));
    });
    expectClose(norm(x).dataSync(), rows, close, "rmsNorm");
    expectDerivatives(norm, x);
  });
});

describeBackends("softmaxCrossEntropy", () => {
  const logits = gentle([2, 3, 4]);
  const labels = np.array(
    [
      [0, 3, -1],
      [1, -7, 2],
    ],
    "i32",
  );

  test("equals -log softmax at the label; negative labels do not count", () => {
    const loss = nn.softmaxCrossEntropy(logits, labels);
    const at = reader(nn.logSoftmax(logits));
    const label = reader(labels);
    const expected = [0, 1].flatMap((i) =>
      [0, 1, 2].map((j) => (label(i, j) < 0 ? 0 : -at(i, j, label(i, j)))),
    );
    expectClose(loss.dataSync(), expected, close, "loss");
    expect(loss.shape).toEqual([2, 3]);
    expect(() => nn.softmaxCrossEntropy(logits, [1, 2])).toThrow("softmaxCrossEntropy");
  });

  test("label smoothing spreads a share of the label over all classes", () => {
    for (const labelSmoothing of [0, 0.1, 0.7]) {
      const share = np.add(
        np.multiply(nn.oneHot(labels, 4), 1 - labelSmoothing),
        labelSmoothing / 4,
      );
      const all = np.negative(np.sum(np.multiply(share, nn.logSoftmax(logits)), -1));
      const expected = np.where(np.greaterEqual(labels, 0), all, 0);
      const loss = (x: Value): Value => nn.softmaxCrossEntropy(x, labels, { labelSmoothing });
      expectClose(loss(logits).dataSync(), expected.dataSync(), close, "loss");
      expectDerivatives(loss, logits);
    }
    expect(() => nn.softmaxCrossEntropy(logits, labels, { labelSmoothing: 1 })).toThrow(
      /smoothing/,
    );
  });

  test("oneHot picks the label", () => {
    expectElements(nn.oneHot(labels, 4), [2, 3, 4], ([i, j, k]) =>
      Number(reader(labels)(i, j) === k),
    );
    expect(nn.oneHot(1, 2, "bool").toArray()).toEqual([false, true]);
  });

  test("derivatives, of second order too", () => {
    expectDerivatives((x) => nn.softmaxCrossEntropy(x, labels), logits);
    expectDerivatives(
      grad((x: Value) => np.sum(np.square(nn.softmaxCrossEntropy(x, labels)))),
      logits,
    );
    const gradient = grad((x: Value) => np.sum(nn.softmaxCrossEntropy(x, labels)))(logits);
    expect(np.index(gradient, 0, 2).toArray()).toEqual([0, 0, 0, 0]);
  });
});

describeBackends("dropout", () => {
  const x = build([50, 40], () => 1);

  test("keeps the expectation, and repeats itself", () => {
    const dropped = nn.dropout(key(3), 0.25, x);
    const values = dropped.dataSync();
    expect(values.every((y) => y === 0 || y === Math.fround(1 / 0.75))).toBe(true);
    expect(Math.abs(values.filter((y) => y === 0).length / 2000 - 0.25)).toBeLessThan(0.05);
    expect(np.arrayEqual(nn.dropout(key(3), 0.25, x), dropped)).toBe(true);
    expect(np.arrayEqual(nn.dropout(split(key(3))[0], 0.25, x), dropped)).toBe(false);
  });

  test("the gradient is dropped at the same places", () => {
    const dropped = nn.dropout(key(3), 0.5, x);
    expect(np.arrayEqual(grad((y: Value) => np.sum(nn.dropout(key(3), 0.5, y)))(x), dropped)).toBe(
      true,
    );
  });

  test("shared axes, rate 0, rates out of range", () => {
    const shared = nn.dropout(key(1), 0.5, x, { sharedAxes: 0 });
    expect(np.arrayEqual(np.roll(shared, 1, 0), shared)).toBe(true);
    expect(np.arrayEqual(nn.dropout(key(1), 0, x), x)).toBe(true);
    expect(() => nn.dropout(key(1), 1, x)).toThrow("0 <= rate < 1");
    expect(() => nn.dropout(key(1), NaN, x)).toThrow("rate");
  });
});

describeBackends("positions", () => {
  const tables = [counting([2, 3]), counting([3, 3], "f32", 1), counting([4, 3], "f32", 2)];
  const cell = (p: number): number[] => [Math.floor(p / 12), Math.floor(p / 4) % 3, p % 4];

  test("axial vectors of every cell, side by side or added", () => {
    expectElements(nn.axialPositions({ tables }, np.arange(24)), [24, 9], ([p, k]) =>
      reader(tables[Math.floor(k / 3)])(cell(p)[Math.floor(k / 3)], k % 3),
    );
    expectElements(nn.axialPositions({ tables }, np.arange(5, 9), "sum"), [4, 3], ([p, k]) =>
      tables.reduce((total, table, axis) => total + reader(table)(cell(p + 5)[axis], k), 0),
    );
    expect(() => nn.axialPositions({ tables: [tables[0], counting([2, 2])] }, [0], "sum")).toThrow(
      "one width",
    );
    expect(() => nn.axialPositions({ tables: [] }, [0])).toThrow("no tables");
  });

  test("the gradient of an axial table counts the positions of each coordinate", () => {
    const counts = grad((t: Value) =>
      np.sum(nn.axialPositions({ tables: [t, tables[2]] }, np.arange(7))),
    );
    expectElements(counts(tables[0]), [2, 3], ([i]) => (i === 0 ? 4 : 3));
  });

  test("learned positions", () => {
    expectElements(nn.learnedPositions({ table: tables[1] }, [2, 0]), [2, 3], ([i, k]) =>
      reader(tables[1])(i ? 0 : 2, k),
    );
  });

  test.each(["interleaved", "halves"] as const)("sinusoids, %s", (layout) => {
    const waves = nn.sinusoids([0, 1, 50], 6, { layout, base: 100 });
    const expected = build([3, 6], ([row, k]) => {
      const [frequency, isCosine] =
        layout === "halves" ? [k % 3, k >= 3] : [Math.floor(k / 2), k % 2 === 1];
      const angle = [0, 1, 50][row] * 100 ** ((-2 * frequency) / 6);
      return isCosine ? Math.cos(angle) : Math.sin(angle);
    });
    expectClose(waves.dataSync(), expected.dataSync(), { absolute: 2e-5, relative: 0 }, layout);
    expect(() => nn.sinusoids([0], 5)).toThrow("even");
  });
});
